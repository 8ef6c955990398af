#include "kiosk/terminal/Preferences.h"

#include "plugin/policy/Likes.h"

namespace souffleur::terminal {

counter::PreferenceOptions preferenceOptions(const consent::Policy& policy,
                                             std::string_view language) {
    counter::PreferenceOptions options;
    for (const policy::Like& like : policy::genres())
        options.genres.push_back({std::string(like.id), std::string(like.label(language))});
    for (const policy::Like& like : policy::frequencies())
        options.frequencies.push_back({std::string(like.id), std::string(like.label(language))});
    options.languages = policy.languages;
    return options;
}

} // namespace souffleur::terminal
