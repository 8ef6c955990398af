// What a slip says beside the wordings, in seven languages. Internal to this room.
#pragma once

#include <array>
#include <string_view>

namespace souffleur::slip {

struct SlipWords {
    std::string_view language;
    std::string_view yes, no, withdrawn, later, objected; ///< "You said yes:"
    std::string_view objectedAll;                         ///< a whole sentence
    std::string_view everything;                          ///< in place of a purpose's label
    std::string_view email, sms, phone, post, messaging, social, record; ///< "by e-mail"
    std::string_view yesWaits; ///< "You said yes, to be confirmed:"
    std::string_view
        confirm; ///< such a yes counts once confirmed; promises no message: a house may send none
    std::string_view notYet;  ///< "Not valid yet:": a yes that only their own hand makes count
    std::string_view ownHand; ///< how it comes to count
    std::string_view
        decide; ///< where what is open can be decided, or ring us: (the number follows)
    std::string_view changed; ///< heading over the code
    std::string_view how;     ///< scan, or go to …
    std::string_view orRing;  ///< or ring us: (the number follows)
    std::string_view giveIt;  ///< and give this code: (it follows)
    std::string_view wording; ///< of the texts shown: (a number and their names follow)
    std::string_view thanks;
};

/// Those of `language` ("nl-BE" is "nl"), else of `fallback`, else English.
const SlipWords& slipWords(std::string_view language, std::string_view fallback);
extern const std::array<SlipWords, 7> kSlipWords;

} // namespace souffleur::slip
