#include "plugin/ledger/Rows.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>

#include "plugin/wire/Forms.h"
#include "plugin/wire/Header.h"

namespace souffleur::ledger {
namespace {

constexpr std::size_t kFallbackBytes = 2 + 16 + 8 + 8;

void appendNumber(std::string& out, std::int64_t value) {
    std::array<char, 8> raw{};
    std::memcpy(raw.data(), &value, raw.size());
    out.append(raw.data(), raw.size());
}

std::int64_t numberAt(std::string_view bytes, std::size_t at) {
    std::int64_t out = 0;
    std::memcpy(&out, bytes.data() + at, sizeof out);
    return out;
}

/// Both fallbacks as bytes of this machine; empty when there are none.
std::string fallbackBytes(const consent::StateView& view) {
    std::string out;
    for (const consent::Fallback& fallback : view.fallbacks) {
        if (fallback.state == consent::State::unknown) break;
        out += static_cast<char>(fallback.state);
        out += static_cast<char>(fallback.method);
        out += crypto::bytesOf(fallback.because.uuid.bytes);
        appendNumber(out, fallback.at);
        appendNumber(out, fallback.validUntil);
    }
    return out;
}

void readFallbacks(std::string_view bytes, consent::StateView& view) {
    std::size_t at = 0;
    for (consent::Fallback& fallback : view.fallbacks) {
        if (at + kFallbackBytes > bytes.size()) return;
        fallback.state = static_cast<consent::State>(bytes[at]);
        fallback.method = static_cast<consent::Method>(bytes[at + 1]);
        std::memcpy(fallback.because.uuid.bytes.data(), bytes.data() + at + 2, 16);
        fallback.at = numberAt(bytes, at + 18);
        fallback.validUntil = numberAt(bytes, at + 26);
        at += kFallbackBytes;
    }
}

PeopleRow peopleRowFrom(const Query& row) {
    PeopleRow out;
    out.num = row.integer(0);
    out.subject = row.id<SubjectId>(1);
    out.person = row.integer(2);
    out.display = row.text(3);
    out.language = row.text(4);
    out.birthYear = static_cast<int>(row.integer(5));
    out.orders = static_cast<int>(row.integer(6));
    out.customerSince = row.integer(7);
    out.flags = row.integer(8);
    return out;
}

} // namespace

std::optional<PeopleRow> peopleRow(Connection& c, const SubjectId& subject) {
    Query query = c.query("person-row");
    query.bind(1, subject);
    if (!query.step()) return std::nullopt;
    return peopleRowFrom(query);
}

std::optional<PeopleRow> peopleRow(Connection& c, std::int64_t num) {
    Query query = c.query("person-by-num");
    query.bind(1, num);
    if (!query.step()) return std::nullopt;
    return peopleRowFrom(query);
}

std::vector<PeopleRow> membersOf(Connection& c, const PeopleRow& row) {
    std::vector<PeopleRow> out;
    if (row.person == row.num)
        out.push_back(row);
    else if (auto head = peopleRow(c, row.person))
        out.push_back(*std::move(head));
    Query query = c.query("person-members");
    query.bind(1, row.person);
    while (query.step()) out.push_back(peopleRowFrom(query));
    return out;
}

std::vector<StateRow> readStates(Connection& c, const Words& words, std::int64_t person) {
    std::vector<StateRow> out;
    Query row = c.query("states-of");
    row.bind(1, person);
    while (row.step()) {
        StateRow& state = out.emplace_back();
        state.key = {words.word(row.integer(0)), words.word(row.integer(1)),
                     words.word(row.integer(2))};
        consent::StateView& view = state.view;
        view.state = static_cast<consent::State>(row.integer(3));
        view.because = row.id<EventId>(4);
        view.at = row.integer(5);
        view.place = words.word(row.integer(6));
        view.method = static_cast<consent::Method>(row.integer(7));
        view.basis = static_cast<consent::Basis>(row.integer(8));
        view.validUntil = row.integer(9);
        view.pending = row.integer(10) != 0;
        view.deferredAt = row.integer(11);
        if (row.integer(12) != 0) {
            view.notice =
                wire::parseNotice(words.word(row.integer(12))).value_or(consent::NoticeRef{});
        }
        if (!row.isNull(13)) readFallbacks(row.bytes(13), view);
    }
    std::sort(out.begin(), out.end(),
              [](const StateRow& a, const StateRow& b) { return a.key < b.key; });
    return out;
}

StateCells cellsOf(Connection& c, Words& words, const StateRow& row) {
    const consent::StateView& view = row.view;
    const auto number = [&](std::string_view word) { return words.number(c, word); };
    StateCells out;
    out.key = {number(row.key.controller), number(row.key.purpose), number(row.key.channel)};
    out.numbers = {static_cast<std::int64_t>(view.state),
                   view.at,
                   number(view.place),
                   static_cast<std::int64_t>(view.method),
                   static_cast<std::int64_t>(view.basis),
                   view.validUntil,
                   view.pending ? 1 : 0,
                   view.deferredAt,
                   number(wire::noticeText(view.notice))};
    out.because = view.because;
    out.fallbacks = fallbackBytes(view);
    return out;
}

std::vector<StateCells> readCells(Connection& c, std::int64_t person) {
    std::vector<StateCells> out;
    Query row = c.query("states-of");
    row.bind(1, person);
    while (row.step()) {
        StateCells& cells = out.emplace_back();
        cells.key = {row.integer(0), row.integer(1), row.integer(2)};
        cells.because = row.id<EventId>(4);
        cells.numbers = {row.integer(3),  row.integer(5),  row.integer(6),
                         row.integer(7),  row.integer(8),  row.integer(9),
                         row.integer(10), row.integer(11), row.integer(12)};
        cells.fallbacks = row.text(13);
    }
    return out;
}

void writeCells(Connection& c, std::int64_t person, const StateCells& cells) {
    const auto& numbers = cells.numbers;
    Query query = c.query("state-put");
    query.bind(1, person).bind(2, cells.key[0]).bind(3, cells.key[1]).bind(4, cells.key[2]);
    query.bind(5, numbers[0]).bind(6, cells.because).bind(7, numbers[1]).bind(8, numbers[2]);
    query.bind(9, numbers[3]).bind(10, numbers[4]).bind(11, numbers[5]).bind(12, numbers[6]);
    query.bind(13, numbers[7]).bind(14, numbers[8]).bindBlobOrNull(15, cells.fallbacks).run();
}

void writeState(Connection& c, Words& words, std::int64_t person, const StateRow& row) {
    writeCells(c, person, cellsOf(c, words, row));
}

std::vector<ContactRow> readContacts(Connection& c, const Words& words, std::int64_t subject) {
    std::vector<ContactRow> out;
    Query row = c.query("contacts-of");
    row.bind(1, subject);
    while (row.step()) {
        out.push_back({words.word(row.integer(0)), row.hash(1), row.text(2),
                       static_cast<consent::ContactStatus>(row.integer(3))});
    }
    std::sort(out.begin(), out.end(),
              [](const ContactRow& a, const ContactRow& b) { return a.order() < b.order(); });
    return out;
}

StoredEvent storedEvent(const Query& row) {
    StoredEvent out;
    out.num = row.integer(0);
    auto header = wire::decodeStoredHeader(row.bytes(2));
    if (!header) {
        throw CorruptRow("the header of event row " + std::to_string(out.num) +
                         " cannot be read: " + header.error().message);
    }
    out.event = std::move(header->event);
    out.event.position = row.natural(1);
    out.payload = row.text(3);
    return out;
}

std::uint64_t rowNumber(std::uint64_t position) noexcept {
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return std::min(position, kMost);
}

std::string metaText(Connection& c, std::string_view name) {
    Query query = c.query("meta-get");
    query.bindText(1, name);
    return query.step() ? query.text(0) : std::string();
}

void putMeta(Connection& c, std::string_view name, std::string_view value) {
    c.query("meta-put").bindText(1, name).bindBlob(2, value).run();
}

std::int64_t metaNumber(Connection& c, std::string_view name) {
    const std::string text = metaText(c, name);
    std::int64_t out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

void putMeta(Connection& c, std::string_view name, std::int64_t value) {
    putMeta(c, name, std::string_view(std::to_string(value)));
}

} // namespace souffleur::ledger
