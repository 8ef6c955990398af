// A consent slip as a document, in several languages, for the suites of the drivers. People are
// invented.
#pragma once

#include <string>

#include "drivers/escpos/Document.h"

namespace souffleur::test {

inline escpos::Document sampleSlip(const std::string& language = "nl") {
    using escpos::Align;
    struct Words {
        const char *house, *title, *name, *on, *off, *newsletter, *brochure, *mail, *post,
            *withdraw, *or_;
    };
    Words w{"Theater De Prompter",
            "Uw toestemming",
            "Anna van der Meer",
            "ja",
            "nee",
            "Nieuwsbrief",
            "Brochure",
            "e-mail",
            "post",
            "Intrekken kan altijd, gratis:",
            "of bel +31 20 000 00 00, code"};
    if (language == "ru") {
        w = {"Театр «Суфлёр»",
             "Ваше согласие",
             "Мария Ивановна Лебедева",
             "да",
             "нет",
             "Новости",
             "Буклет",
             "эл. почта",
             "почта",
             "Отозвать можно в любой момент:",
             "или по тел. +7 495 000-00-00, код"};
    } else if (language == "ca") {
        w = {"Teatre de l'Apuntador",
             "El seu consentiment",
             "Marçal Puig i Til·ler",
             "sí",
             "no",
             "Butlletí col·lectiu",
             "Fullet",
             "correu electrònic",
             "correu postal",
             "El pot retirar sempre, sense cost:",
             "o truqui al +34 93 000 00 00, codi"};
    } else if (language == "el") {
        w = {"Θέατρο Υποβολέας",
             "Η συγκατάθεσή σας",
             "Ελένη Παπαδοπούλου",
             "ναι",
             "όχι",
             "Ενημερωτικό",
             "Φυλλάδιο",
             "e-mail",
             "ταχυδρομείο",
             "Ανάκληση οποτεδήποτε:",
             "ή τηλ. +30 21 0000 0000, κωδικός"};
    } else if (language == "he") {
        w = {"תיאטרון הלחשן", "ההסכמה שלך", "מרים כהן", "כן",   "לא",
             "עלון חדשות",    "חוברת",      "דוא\"ל",   "דואר", "אפשר לבטל בכל עת:",
             "או בטלפון, קוד"};
    } else if (language == "vi") { // partly decomposed, as some systems export it
        w = {"Nhà hát Người Nhắc Vở",
             "Sự đồng ý của bạn",
             "Nguye\u0302\u0303n Thị Hoài Thương",
             "có",
             "không",
             "Bản tin",
             "Tờ rơi",
             "thư điện tử",
             "bưu điện",
             "Bạn có thể rút lại bất cứ lúc nào:",
             "hoặc gọi, mã số"};
    } else if (language == "zh") {
        w = {"提词人剧院",  "您的同意", "王小明",   "同意", "拒绝",
             "电子报",      "宣传册",   "电子邮件", "邮寄", "您可以随时免费撤回：",
             "或致电，代码"};
    }
    escpos::Document slip;
    slip.language(language)
        .title(w.house)
        .text("Korte Houtstraat 1, Amsterdam · example.org", Align::centre)
        .feed()
        .text(w.title, Align::left, {.bold = true})
        .text(w.name)
        .rule()
        .row(std::string(w.newsletter) + " · " + w.mail, w.on, {.bold = true})
        .row(std::string(w.newsletter) + " · " + w.post, w.off)
        .row(std::string(w.brochure) + " · " + w.post, w.on)
        .rule(true)
        .row("2026-11-22 19:41", "nl-newsletter-3@2")
        .feed()
        .text(w.withdraw, Align::centre)
        .qr("https://example.org/w/4f1c2a9be07d4c31a85e", 6)
        .text(w.or_, Align::centre)
        .text("7K3-M9Q", Align::centre, {.bold = true, .big = true});
    return slip;
}

} // namespace souffleur::test
