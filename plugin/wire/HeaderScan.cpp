#include "plugin/wire/HeaderScan.h"

#include <charconv>

#include "plugin/wire/Forms.h"

namespace souffleur::wire {
namespace {

using namespace consent;

/// What is left of the bytes. After the first thing that is not as expected nothing more is read.
class Scan {
public:
    explicit Scan(std::string_view bytes) : _left(bytes) {}

    [[nodiscard]] bool ok() const noexcept { return _ok; }
    [[nodiscard]] bool atEnd() const noexcept { return _left.empty(); }
    /// Passes over the text where it comes next.
    bool skip(std::string_view text) {
        if (!_left.starts_with(text)) return false;
        _left.remove_prefix(text.size());
        return true;
    }
    void expect(std::string_view text) { note(skip(text)); }
    /// The rest of a string whose opening quotation mark is behind us.
    std::string_view text() {
        const std::size_t end = _left.find('"');
        note(end != std::string_view::npos);
        if (!_ok) return {};
        const std::string_view out = _left.substr(0, end);
        _left.remove_prefix(end + 1);
        note(out.find('\\') == std::string_view::npos);
        return out;
    }
    std::int64_t number() {
        std::int64_t out = 0;
        const auto [end, error] = std::from_chars(_left.data(), _left.data() + _left.size(), out);
        _left.remove_prefix(static_cast<std::size_t>(end - _left.data()));
        note(error == std::errc());
        return out;
    }
    template <typename IdType>
    IdType id() {
        const auto out = IdType::parse(text());
        note(out.has_value());
        return out.value_or(IdType{});
    }
    template <typename T, typename From>
    T word(const From& from, T fallback) {
        const std::optional<T> out = from(text());
        note(out.has_value());
        return out.value_or(fallback);
    }
    void note(bool good) {
        _ok = _ok && good;
        if (!_ok) _left = {};
    }

private:
    std::string_view _left;
    bool _ok = true;
};

ChoiceItem choice(Scan& in) {
    ChoiceItem item;
    in.expect(R"({"p":")");
    item.purpose = in.text();
    in.expect(R"(,"c":")");
    item.channel = in.text();
    in.expect(R"(,"is":")");
    item.choice = in.word<Choice>(choiceFrom, Choice::deferred);
    if (in.skip(R"(,"b":")")) item.basis = in.word<Basis>(basisFrom, Basis::consent);
    item.confirm = in.skip(R"(,"cf":true)");
    if (in.skip(R"(,"vu":)")) item.validUntil = in.number();
    if (in.skip(R"(,"n":")")) {
        auto notice = parseNotice(in.text());
        in.note(notice.has_value());
        if (notice) item.notice = *std::move(notice);
    }
    in.expect("}");
    return item;
}

Act act(Scan& in) {
    Act out;
    in.expect(R"(,"ctl":")");
    out.controller = in.text();
    in.expect(R"(,"choices":[)");
    do {
        out.choices.push_back(choice(in));
    } while (in.skip(","));
    in.expect("]");
    if (in.skip(R"(,"seen":[)")) {
        do {
            in.expect("\"");
            out.seen.push_back(in.id<EventId>());
        } while (in.skip(","));
        in.expect("]");
    }
    in.expect(R"(,"m":")");
    out.method = in.word<Method>(methodFrom, Method::spoken);
    if (in.skip(R"(,"by":")")) out.by = in.id<OperatorId>();
    if (in.skip(R"(,"place":")")) out.place = in.text();
    if (in.skip(R"(,"src":")")) out.source = in.text();
    if (in.skip(R"(,"slip":")")) out.withdrawHandleHash = in.text();
    return out;
}

} // namespace

std::optional<Header> scanAct(std::string_view bytes) {
    static_assert(kHeaderVersion == 1); // as in the text below
    Scan in(bytes);
    std::optional<Header> out(std::in_place);
    Event& event = out->event;
    in.expect(R"({"v":1,"id":")");
    event.id = in.id<EventId>();
    in.expect(R"(,"origin":")");
    event.origin = in.id<OriginId>();
    in.expect(R"(,"kind":"act","subject":")");
    event.subject = in.id<SubjectId>();
    in.expect(R"(,"at":)");
    event.at = in.number();
    if (in.skip(R"(,"unc":)")) event.unc = in.number();
    in.expect(R"(,"off":)");
    event.offsetMin = static_cast<int>(in.number());
    if (in.ok()) event.body = act(in);
    if (in.skip(R"(,"commit":")")) out->commitment = in.text();
    in.expect("}");
    if (!in.ok() || !in.atEnd()) out.reset();
    return out;
}

} // namespace souffleur::wire
