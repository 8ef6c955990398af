#include "drivers/escpos/Document.h"

#include <utility>

namespace souffleur::escpos {

Document& Document::text(std::string text, Align align, Style style) {
    _blocks.emplace_back(Paragraph{{Span{std::move(text), style}}, align});
    return *this;
}

Document& Document::spans(std::vector<Span> spans, Align align) {
    _blocks.emplace_back(Paragraph{std::move(spans), align});
    return *this;
}

Document& Document::title(std::string text) {
    return this->text(std::move(text), Align::centre, Style{.bold = true, .big = true});
}

Document& Document::row(std::string left, std::string right, Style style) {
    _blocks.emplace_back(Row{std::move(left), std::move(right), style});
    return *this;
}

Document& Document::rule(bool dashed) {
    _blocks.emplace_back(Rule{dashed});
    return *this;
}

Document& Document::feed(int lines) {
    _blocks.emplace_back(Feed{lines});
    return *this;
}

Document& Document::space(int dots) {
    _blocks.emplace_back(Space{dots});
    return *this;
}

Document& Document::qr(std::string text, int moduleDots, Align align) {
    _blocks.emplace_back(Qr{std::move(text), moduleDots, align});
    return *this;
}

Document& Document::image(Bitmap bitmap, Align align) {
    _blocks.emplace_back(Image{std::move(bitmap), align});
    return *this;
}

Document& Document::language(std::string tag) {
    _language = std::move(tag);
    return *this;
}

} // namespace souffleur::escpos
