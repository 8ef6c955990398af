// The words of a mail about an answer. Internal to this room.
#pragma once

#include <array>
#include <string_view>

namespace souffleur::mail {

/// "{house}" and "{date}" are filled in.
struct Words {
    std::string_view language;
    std::string_view subjectConfirm, subjectNotice;
    std::string_view said; ///< what happened
    std::string_view when, where, agreed;
    std::string_view confirm;                 ///< before the link
    std::string_view notice;                  ///< before the link
    std::string_view idleConfirm, idleNotice; ///< what happens if nothing is done
    std::string_view until;                   ///< the link's end
    std::string_view onlyThis;                ///< why it came
    std::string_view privacy;                 ///< before the house's privacy address
};

extern const std::array<Words, 7> kWords;

} // namespace souffleur::mail
