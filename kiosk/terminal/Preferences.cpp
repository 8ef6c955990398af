#include "kiosk/terminal/Preferences.h"

#include <algorithm>
#include <array>

namespace souffleur::terminal {
namespace {

constexpr std::array<std::string_view, 7> kLanguages{"en", "nl", "ca", "es", "ru", "de", "fr"};

struct Row {
    const char* id;
    std::array<const char*, kLanguages.size()> labels;
};

constexpr std::array<Row, 8> kGenres{{
    {"theatre", {"Theatre", "Toneel", "Teatre", "Teatro", "Театр", "Schauspiel", "Théâtre"}},
    {"dance", {"Dance", "Dans", "Dansa", "Danza", "Танец", "Tanz", "Danse"}},
    {"jazz", {"Jazz", "Jazz", "Jazz", "Jazz", "Джаз", "Jazz", "Jazz"}},
    {"classical",
     {"Classical", "Klassiek", "Clàssica", "Clásica", "Классика", "Klassik", "Classique"}},
    {"opera", {"Opera", "Opera", "Òpera", "Ópera", "Опера", "Oper", "Opéra"}},
    {"youth", {"Youth", "Jeugd", "Infantil", "Infantil", "Детям", "Kinder", "Jeune public"}},
    {"comedy", {"Comedy", "Cabaret", "Comèdia", "Comedia", "Комедия", "Kabarett", "Humour"}},
    {"film", {"Film", "Film", "Cinema", "Cine", "Кино", "Film", "Cinéma"}},
}};

constexpr std::array<Row, 3> kFrequencies{{
    {"weekly",
     {"Weekly", "Elke week", "Cada setmana", "Cada semana", "Раз в неделю", "Wöchentlich",
      "Chaque semaine"}},
    {"monthly",
     {"Monthly", "Elke maand", "Cada mes", "Cada mes", "Раз в месяц", "Monatlich", "Chaque mois"}},
    {"season",
     {"Each season", "Elk seizoen", "Cada temporada", "Cada temporada", "Раз в сезон",
      "Jede Saison", "Chaque saison"}},
}};

} // namespace

counter::PreferenceOptions preferenceOptions(const consent::Policy& policy,
                                             std::string_view language) {
    const auto found = std::find(kLanguages.begin(), kLanguages.end(), language.substr(0, 2));
    const auto column =
        found == kLanguages.end() ? 0 : static_cast<std::size_t>(found - kLanguages.begin());
    counter::PreferenceOptions options;
    for (const Row& row : kGenres) options.genres.push_back({row.id, row.labels[column]});
    for (const Row& row : kFrequencies) options.frequencies.push_back({row.id, row.labels[column]});
    options.languages = policy.languages;
    return options;
}

} // namespace souffleur::terminal
