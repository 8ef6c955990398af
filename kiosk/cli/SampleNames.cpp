#include "kiosk/cli/SampleNames.h"

#include <array>

namespace souffleur::cli {
namespace {

constexpr SampleName kDutchWomen[] = {
    {"Anna", "anna"},           {"Sanne", "sanne"},     {"Lotte", "lotte"},
    {"Femke", "femke"},         {"Marijke", "marijke"}, {"Ilse", "ilse"},
    {"Hanneke", "hanneke"},     {"Wil", "wil"},         {"Zoë", "zoe"},
    {"Noor", "noor"},           {"Aleida", "aleida"},   {"Trijntje", "trijntje"},
    {"Saskia", "saskia"},       {"Roos", "roos"},       {"Maaike", "maaike"},
    {"Anne-Fleur", "annefleur"}};
constexpr SampleName kDutchMen[] = {
    {"Jan", "jan"},         {"Pieter", "pieter"}, {"Kees", "kees"},
    {"Willem", "willem"},   {"Daan", "daan"},     {"Sjoerd", "sjoerd"},
    {"Ruud", "ruud"},       {"Teun", "teun"},     {"IJsbrand", "ijsbrand"},
    {"Joost", "joost"},     {"Bram", "bram"},     {"Gijs", "gijs"},
    {"Hendrik", "hendrik"}, {"André", "andre"},   {"Jan-Willem", "janwillem"},
    {"Maarten", "maarten"}};
constexpr SampleName kDutchFamilies[] = {
    {"Berg", "berg"},       {"Vries", "vries"},       {"Jansen", "jansen"},
    {"Bakker", "bakker"},   {"Visser", "visser"},     {"Dijk", "dijk"},
    {"Meer", "meer"},       {"Boer", "boer"},         {"Mulder", "mulder"},
    {"Bosch", "bosch"},     {"Linden", "linden"},     {"Veld", "veld"},
    {"Kuipers", "kuipers"}, {"Hoekstra", "hoekstra"}, {"Postma", "postma"},
    {"Wal", "wal"},         {"Heuvel", "heuvel"},     {"Broek", "broek"},
    {"Kok", "kok"},         {"Schouten", "schouten"}, {"Brink", "brink"},
    {"Graaf", "graaf"},     {"Horst", "horst"},       {"Jansen-de Vries", "jansendevries"}};
constexpr SampleName kDutchParticles[] = {{"van den", "vanden"}, {"de", "de"},       {"van", "van"},
                                          {"van der", "vander"}, {"in 't", "int"},   {"ter", "ter"},
                                          {"van de", "vande"},   {"op den", "opden"}};

constexpr SampleName kCatalanWomen[] = {
    {"Montserrat", "montserrat"}, {"Núria", "nuria"}, {"Mercè", "merce"}, {"Laia", "laia"},
    {"Marcel·la", "marcella"},    {"Gemma", "gemma"}, {"Roser", "roser"}, {"Aina", "aina"}};
constexpr SampleName kCatalanMen[] = {{"Jordi", "jordi"}, {"Pau", "pau"},       {"Oriol", "oriol"},
                                      {"Àlex", "alex"},   {"Ferran", "ferran"}, {"Josep", "josep"},
                                      {"Martí", "marti"}, {"Biel", "biel"}};
constexpr SampleName kCatalanFamilies[] = {
    {"Roca i Puig", "rocapuig"},     {"Vila Serra", "vilaserra"}, {"Gal·la i Bosch", "gallabosch"},
    {"Ferrer Camps", "ferrercamps"}, {"Soler i Mas", "solermas"}, {"Prat Oller", "pratoller"},
    {"Font i Riera", "fontriera"},   {"Bonet Coll", "bonetcoll"}};

constexpr SampleName kSpanishWomen[] = {{"María del Carmen", "mariadelcarmen"},
                                        {"Lucía", "lucia"},
                                        {"Begoña", "begona"},
                                        {"Ana", "ana"},
                                        {"Inés", "ines"},
                                        {"Rocío", "rocio"},
                                        {"María José", "mariajose"},
                                        {"Pilar", "pilar"}};
constexpr SampleName kSpanishMen[] = {
    {"José", "jose"},     {"Álvaro", "alvaro"}, {"Íñigo", "inigo"},   {"Juan", "juan"},
    {"Andrés", "andres"}, {"Raúl", "raul"},     {"Miguel", "miguel"}, {"Tomás", "tomas"}};
constexpr SampleName kSpanishFamilies[] = {
    {"García López", "garcialopez"},         {"Muñoz Peña", "munozpena"},
    {"Ibáñez Ruiz", "ibanezruiz"},           {"Pérez Soler", "perezsoler"},
    {"Núñez y Vega", "nunezvega"},           {"Ortega Díaz", "ortegadiaz"},
    {"Carreño Quiñones", "carrenoquinones"}, {"Prado Gil", "pradogil"}};

constexpr SampleName kRussianWomen[] = {{"Ольга Сергеевна", "olga"},
                                        {"Мария Ивановна", "maria"},
                                        {"Екатерина Павловна", "ekaterina"},
                                        {"Татьяна Андреевна", "tatiana"},
                                        {"Анна Дмитриевна", "anna"},
                                        {"Юлия Олеговна", "yulia"},
                                        {"Ксения", "ksenia"},
                                        {"Елена Юрьевна", "elena"}};
constexpr SampleName kRussianMen[] = {
    {"Антон Павлович", "anton"},     {"Дмитрий Андреевич", "dmitri"}, {"Сергей Олегович", "sergei"},
    {"Пётр Ильич", "pyotr"},         {"Фёдор Михайлович", "fyodor"},  {"Игорь", "igor"},
    {"Николай Иванович", "nikolai"}, {"Юрий Сергеевич", "yuri"}};
constexpr SampleName kRussianFamilies[] = {{"Щукин", "shchukin"},        {"Журавлёв", "zhuravlev"},
                                           {"Чайкин", "chaikin"},        {"Лебедев", "lebedev"},
                                           {"Вишневский", "vishnevsky"}, {"Хохлов", "khokhlov"},
                                           {"Цветков", "tsvetkov"},      {"Рощин", "roshchin"}};
constexpr SampleName kRussianWomenFamilies[] = {
    {"Щукина", "shchukina"},   {"Журавлёва", "zhuravleva"},    {"Чайкина", "chaikina"},
    {"Лебедева", "lebedeva"},  {"Вишневская", "vishnevskaya"}, {"Хохлова", "khokhlova"},
    {"Цветкова", "tsvetkova"}, {"Рощина", "roshchina"}};

constexpr SampleName kEnglishWomen[] = {{"Mary Anne", "maryanne"}, {"Grace", "grace"},
                                        {"Siobhan", "siobhan"},    {"Olivia", "olivia"},
                                        {"Harriet", "harriet"},    {"Beth", "beth"}};
constexpr SampleName kEnglishMen[] = {{"Oliver", "oliver"}, {"Shaun", "shaun"},
                                      {"Graham", "graham"}, {"Alasdair", "alasdair"},
                                      {"Huw", "huw"},       {"George", "george"}};
constexpr SampleName kEnglishFamilies[] = {
    {"Fairweather", "fairweather"}, {"O'Brien", "obrien"},
    {"Ashdown", "ashdown"},         {"MacLeish", "macleish"},
    {"Penhaligon", "penhaligon"},   {"Whitlock-Hayes", "whitlockhayes"}};

constexpr SampleName kGermanWomen[] = {{"Käthe", "kaethe"},
                                       {"Jürgen-Marie", "juergenmarie"},
                                       {"Heike", "heike"},
                                       {"Sigrid", "sigrid"}};
constexpr SampleName kGermanMen[] = {
    {"Jürgen", "juergen"}, {"Götz", "goetz"}, {"Ulrich", "ulrich"}, {"Matthias", "matthias"}};
constexpr SampleName kGermanFamilies[] = {{"Großmann", "grossmann"},
                                          {"Bäcker", "baecker"},
                                          {"Löwenstein", "loewenstein"},
                                          {"Krüger", "krueger"}};
constexpr SampleName kGermanParticles[] = {{"von", "von"}, {"zu", "zu"}};

constexpr SampleName kFrenchWomen[] = {
    {"Hélène", "helene"}, {"Anaïs", "anais"}, {"Françoise", "francoise"}, {"Maëlle", "maelle"}};
constexpr SampleName kFrenchMen[] = {
    {"Jean-Paul", "jeanpaul"}, {"François", "francois"}, {"Loïc", "loic"}, {"Étienne", "etienne"}};
constexpr SampleName kFrenchFamilies[] = {
    {"Lefèvre", "lefevre"}, {"Dupré", "dupre"}, {"Beauchêne", "beauchene"}, {"Garçon", "garcon"}};
constexpr SampleName kFrenchParticles[] = {{"de", "de"}, {"du", "du"}};

constexpr SampleName kGreekWomen[] = {
    {"Ελένη", "eleni"}, {"Σοφία", "sofia"}, {"Δήμητρα", "dimitra"}};
constexpr SampleName kGreekMen[] = {
    {"Γιώργος", "giorgos"}, {"Νίκος", "nikos"}, {"Κώστας", "kostas"}};
constexpr SampleName kGreekFamilies[] = {
    {"Παπαδάκης", "papadakis"}, {"Οικονόμου", "oikonomou"}, {"Βλάχος", "vlachos"}};

constexpr SampleLanguage kLanguages[] = {
    {"nl", 62, true, kDutchWomen, kDutchMen, kDutchFamilies, {}, kDutchParticles},
    {"ca", 6, true, kCatalanWomen, kCatalanMen, kCatalanFamilies, {}, {}},
    {"es", 6, true, kSpanishWomen, kSpanishMen, kSpanishFamilies, {}, {}},
    {"ru", 9, false, kRussianWomen, kRussianMen, kRussianFamilies, kRussianWomenFamilies, {}},
    {"en", 7, true, kEnglishWomen, kEnglishMen, kEnglishFamilies, {}, {}},
    {"de", 5, true, kGermanWomen, kGermanMen, kGermanFamilies, {}, kGermanParticles},
    {"fr", 4, true, kFrenchWomen, kFrenchMen, kFrenchFamilies, {}, kFrenchParticles},
    {"el", 1, false, kGreekWomen, kGreekMen, kGreekFamilies, {}, {}},
};

constexpr SampleShow kShows[] = {
    {"De meeuw", "toneel"},
    {"Hamlet", "toneel"},
    {"La Traviata", "opera"},
    {"Het Zwanenmeer", "dans"},
    {"Matthäus-Passion", "muziek"},
    {"Kees de jongen", "jeugd"},
    {"Cabaret: \"Nou ja\"", "cabaret"},
    {"Onegin; een balletavond", "dans"},
    {"Jazz in de foyer", "muziek"},
    {"Medea", "toneel"},
    {"De kersentuin", "toneel"},
    {"Die Zauberflöte", "opera"},
    {"Pinokkio", "jeugd"},
    {"Ubu Roi", "toneel"},
    {"Nieuwjaarsconcert", "muziek"},
};

constexpr SamplePlace kPlaces[] = {
    {"Delft", "2611"},       {"Den Haag", "2511"}, {"Rotterdam", "3011"},
    {"Leiden", "2311"},      {"Gouda", "2801"},    {"'s-Gravenzande", "2691"},
    {"IJsselstein", "3401"}, {"Utrecht", "3511"},  {"Amsterdam", "1011"}};

constexpr std::string_view kStreets[] = {
    "Korte Straat", "Toneelpad",   "Souffleurshof",   "Coulissenlaan", "Gordijnstraat",
    "Balkonweg",    "Orkestplein", "Rekwisietenkade", "Zijtoneel",     "Van 't Hoffplein"};

} // namespace

std::span<const SampleLanguage> sampleLanguages() noexcept {
    return kLanguages;
}
std::span<const SampleShow> sampleShows() noexcept {
    return kShows;
}
std::span<const SamplePlace> samplePlaces() noexcept {
    return kPlaces;
}
std::span<const std::string_view> sampleStreets() noexcept {
    return kStreets;
}

} // namespace souffleur::cli
