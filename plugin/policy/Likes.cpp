#include "plugin/policy/Likes.h"

#include <algorithm>
#include <array>

namespace souffleur::policy {
namespace {

constexpr std::array<std::string_view, 7> kLanguages{"en", "nl", "ca", "es", "ru", "de", "fr"};

struct Row {
    Like like;
    std::array<const char*, kLanguages.size()> labels;
};

constexpr std::array<Row, 8> kGenres{{
    {{"theatre"}, {"Theatre", "Toneel", "Teatre", "Teatro", "Театр", "Schauspiel", "Théâtre"}},
    {{"dance"}, {"Dance", "Dans", "Dansa", "Danza", "Танец", "Tanz", "Danse"}},
    {{"jazz"}, {"Jazz", "Jazz", "Jazz", "Jazz", "Джаз", "Jazz", "Jazz"}},
    {{"classical"},
     {"Classical", "Klassiek", "Clàssica", "Clásica", "Классика", "Klassik", "Classique"}},
    {{"opera"}, {"Opera", "Opera", "Òpera", "Ópera", "Опера", "Oper", "Opéra"}},
    {{"youth"}, {"Youth", "Jeugd", "Infantil", "Infantil", "Детям", "Kinder", "Jeune public"}},
    {{"comedy"}, {"Comedy", "Cabaret", "Comèdia", "Comedia", "Комедия", "Kabarett", "Humour"}},
    {{"film"}, {"Film", "Film", "Cinema", "Cine", "Кино", "Film", "Cinéma"}},
}};

constexpr std::array<Row, 3> kFrequencies{{
    {{"weekly"},
     {"Weekly", "Elke week", "Cada setmana", "Cada semana", "Раз в неделю", "Wöchentlich",
      "Chaque semaine"}},
    {{"monthly"},
     {"Monthly", "Elke maand", "Cada mes", "Cada mes", "Раз в месяц", "Monatlich", "Chaque mois"}},
    {{"season"},
     {"Each season", "Elk seizoen", "Cada temporada", "Cada temporada", "Раз в сезон",
      "Jede Saison", "Chaque saison"}},
}};

template <std::size_t N>
constexpr std::array<Like, N> likesOf(const std::array<Row, N>& rows) {
    std::array<Like, N> likes{};
    for (std::size_t i = 0; i < N; ++i) likes[i] = rows[i].like;
    return likes;
}

constexpr auto kGenreLikes = likesOf(kGenres);
constexpr auto kFrequencyLikes = likesOf(kFrequencies);

template <std::size_t N>
const Row* rowOf(const std::array<Row, N>& rows, std::string_view id) {
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.like.id == id; });
    return found == rows.end() ? nullptr : &*found;
}

} // namespace

std::string_view Like::label(std::string_view language) const {
    const auto found = std::find(kLanguages.begin(), kLanguages.end(), language.substr(0, 2));
    const auto column =
        found == kLanguages.end() ? 0 : static_cast<std::size_t>(found - kLanguages.begin());
    const Row* row = rowOf(kGenres, id);
    if (row == nullptr) row = rowOf(kFrequencies, id);
    return row == nullptr ? id : std::string_view(row->labels[column]);
}

std::span<const Like> genres() {
    return kGenreLikes;
}

std::span<const Like> frequencies() {
    return kFrequencyLikes;
}

} // namespace souffleur::policy
