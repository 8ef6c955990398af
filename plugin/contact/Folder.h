// Search folding: what a cashier types and what is on file meet in the same plain letters.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace souffleur::contact {

/// Folds text to lower-case ASCII words: NFKC case fold (UAX #31), marks stripped, Cyrillic and
/// other scripts written in Latin letters (the English way: "Чехов" is "chekhov"), punctuation is a
/// word break, an apostrophe or middle dot between letters joins ("O'Brien" is "obrien", "Gal·la"
/// is "galla"). Input beyond kMaxBytes is ignored. Folding is idempotent.
///
/// Holds ICU transliterators: make one per thread or long-lived object and pass it on. Not
/// thread-safe. About 1 us for an ASCII name, a few for others. Throws std::runtime_error when ICU
/// has no data.
class Folder {
public:
    static constexpr std::size_t kMaxBytes = 4096;

    Folder();
    ~Folder();
    Folder(Folder&&) noexcept;
    Folder& operator=(Folder&&) noexcept;

    /// The words joined by single spaces; may be empty (nothing but punctuation).
    [[nodiscard]] std::string fold(std::string_view text);
    /// The words of `fold`, in order, repeats kept.
    [[nodiscard]] std::vector<std::string> tokens(std::string_view text);

    /// The text by its letters alone, in their own script: NFKC case fold, each run of punctuation
    /// and white space one space, none at the ends. Accents and symbols tell apart ("Касса" and
    /// "Kassa", "+1" and "-1"), case, hyphens and what cannot be seen do not. May be empty.
    [[nodiscard]] std::string caseless(std::string_view text);

private:
    class Icu;
    std::unique_ptr<Icu> _icu;
};

} // namespace souffleur::contact
