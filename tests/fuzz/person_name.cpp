// rooms: plugin-base plugin-contact
// Any bytes as a name in every language: what is shown is clean, folding is idempotent.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "plugin/contact/Folder.h"
#include "plugin/contact/Mask.h"
#include "plugin/contact/PersonName.h"
#include "plugin/contact/SearchKey.h"
#include "plugin/contact/Text.h"

using namespace souffleur::contact;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Folder folder; // the fuzzer's own main has no place for it
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::string clean = cleanLine(text);
    if (cleanLine(clean) != clean || !isUtf8(clean)) std::abort();
    const std::string folded = folder.fold(text);
    if (folder.fold(folded) != folded) std::abort();
    for (const std::string& word : folder.tokens(text)) (void) soundKey(word);
    for (const char* language : {"nl", "ca", "es", "ru", "en", "de", "fr"}) {
        const auto name = PersonName::parse(text, language);
        if (!name) continue;
        if (cleanLine(name->display()) != name->display() || name->sortKey().empty()) std::abort();
        (void) initials(*name);
        (void) name->canonicalKey(folder);
        NameColumns columns;
        columns.family = clean;
        columns.given = clean;
        (void) PersonName::fromColumns(columns, language);
    }
    return 0;
}
