// Acts, people and print jobs: the operations that carry what customers said.
#include <algorithm>
#include <array>
#include <set>

#include "plugin/api/Operations.h"

namespace souffleur::api {

using counter::Outcome;
using counter::refuse;
using wire::JsonWriter;

namespace {

constexpr std::size_t kAnswersMax = 9;
constexpr std::size_t kValueMaxChars = 320;
constexpr std::size_t kPageDefault = 20;
constexpr std::size_t kPageMax = 100;

constexpr std::array<std::string_view, 6> kChannels{"email", "sms",       "phone",
                                                    "post",  "messaging", "social"};
constexpr std::array<std::string_view, 7> kLanguages{"nl", "ca", "es", "ru", "en", "de", "fr"};

/// An id in the path; what is none names nothing.
template <typename IdType>
Outcome<IdType> pathId(const Call& call, const std::string& name, std::string_view problem) {
    const auto id = Uuid::parse(call.request.param(name));
    if (!id || id->none()) return refuse(Code::notFound, problem, "there is no such id");
    return IdType{*id};
}

counter::NewContact readContact(Body& body) {
    body.only({"kind", "value", "confirmed", "replaces"});
    counter::NewContact contact;
    const auto kind = counter::contactKindFrom(body.word("kind", {"email", "phone", "post"}));
    contact.kind = kind.value_or(counter::ContactKind::email);
    contact.value = body.text("value", 3, kValueMaxChars);
    contact.confirmed = body.flagOr("confirmed", false);
    contact.replaces = body.idOrNull("replaces", true);
    return contact;
}

std::vector<counter::NewContact> readContacts(Body& body, bool mayBeAbsent) {
    std::vector<counter::NewContact> contacts;
    for (Body& each : body.objects("contacts", counter::kNewContactsMax, mayBeAbsent)) {
        contacts.push_back(readContact(each));
    }
    return contacts;
}

std::vector<counter::Answer> readAnswers(Body& body) {
    std::vector<counter::Answer> answers;
    std::set<std::pair<std::string, std::string>> named;
    for (Body& each : body.objects("answers", kAnswersMax, false)) {
        each.only({"purpose", "channel", "choice"});
        counter::Answer answer;
        answer.purpose = each.text("purpose", 1, 64);
        answer.channel = each.word("channel", kChannels);
        const auto choice =
            consent::choiceFrom(each.word("choice", {"given", "refused", "deferred"}));
        answer.choice = choice.value_or(consent::Choice::deferred);
        if (!named.insert({answer.purpose, answer.channel}).second) each.reject({}, "duplicate");
        answers.push_back(std::move(answer));
    }
    return answers;
}

Outcome<counter::ActRequest> readAct(std::string_view bytes) {
    auto body = Body::parse(bytes);
    if (!body) return tl::make_unexpected(std::move(body.error()));
    body->only({"idempotencyKey", "questionSetId", "subjectId", "outcome", "answers", "method",
                "language", "contacts"});
    counter::ActRequest act;
    act.idempotencyKey = body->id("idempotencyKey");
    act.questionSet = body->idOrNull("questionSetId");
    act.subject = SubjectId{body->id("subjectId")};
    const auto outcome = counter::actOutcomeFrom(
        body->word("outcome", {"save", "refuse", "not-now", "unclear", "stop-everything"}));
    act.outcome = outcome.value_or(counter::ActOutcome::save);
    act.answers = readAnswers(*body);
    const auto method =
        consent::methodFrom(body->word("method", {"spoken", "screen", "paper", "phone"}));
    act.method = method.value_or(consent::Method::spoken);
    act.language = body->word("language", kLanguages);
    act.contacts = readContacts(*body, true);
    const bool save = act.outcome == counter::ActOutcome::save;
    if (outcome && save && act.answers.empty()) body->reject("answers", "too-short");
    if (outcome && !save && !act.answers.empty()) body->reject("answers", "too-long");
    if (outcome && act.outcome != counter::ActOutcome::stopEverything && act.questionSet.none()) {
        body->reject("questionSetId", "missing");
    }
    if (auto ok = body->done(); !ok) return tl::make_unexpected(std::move(ok.error()));
    return act;
}

/// The list of genres without a repetition, each an option id by shape.
std::vector<std::string> readGenres(Body& body) {
    std::vector<std::string> genres = body.texts("genres", 24, 32);
    const std::set<std::string> unique(genres.begin(), genres.end());
    if (unique.size() != genres.size()) body.reject("genres", "duplicate");
    return genres;
}

} // namespace

// ---------------------------------------------------------------- acts

Reply Operations::recordAct(const Call& call) {
    const auto act = readAct(call.request.body);
    if (!act) return tl::make_unexpected(act.error());
    const auto recorded = _parts.counter.record(*act, call.voice.language());
    if (!recorded) return tl::make_unexpected(recorded.error());
    auto desk = deskJson(call.voice);
    // Locked by the clock in between: it is stored, and the same key tells so after unlocking.
    if (!desk) return tl::make_unexpected(std::move(desk.error()));
    JsonWriter out;
    out.beginObject().key("act");
    call.voice.act(out, recorded->act);
    out.key("desk").raw(*desk).endObject();
    return http::Response::json(out.take(), recorded->repeated ? 200 : 201);
}

Reply Operations::undoAct(const Call& call) {
    const auto act = pathId<EventId>(call, "actId", "not-found");
    if (!act) return tl::make_unexpected(act.error());
    if (auto ok = Body::none(call.request.body); !ok) return tl::make_unexpected(ok.error());
    const auto done = _parts.counter.undo(*act);
    if (!done) return tl::make_unexpected(done.error());
    return deskReply(call);
}

Reply Operations::printSlip(const Call& call) {
    const auto act = pathId<EventId>(call, "actId", "not-found");
    if (!act) return tl::make_unexpected(act.error());
    if (auto ok = Body::none(call.request.body); !ok) return tl::make_unexpected(ok.error());
    const auto job = _parts.counter.printSlip(*act);
    if (!job) return tl::make_unexpected(job.error());
    JsonWriter out;
    call.voice.job(out, *job);
    return http::Response::json(out.take(), 202);
}

Reply Operations::getReceipt(const Call& call) {
    const auto act = pathId<EventId>(call, "actId", "not-found");
    if (!act) return tl::make_unexpected(act.error());
    auto receipt = _parts.counter.receipt(*act, call.voice.language());
    if (!receipt) return tl::make_unexpected(std::move(receipt.error()));
    return http::Response::json(std::move(*receipt));
}

Reply Operations::unattributedReply() const {
    const auto acts = _parts.counter.unattributed();
    if (!acts) return tl::make_unexpected(acts.error());
    JsonWriter out;
    out.beginObject().list("actIds", acts->acts).list("customers", acts->customers);
    out.field("total", acts->total).endObject();
    return http::Response::json(out.take());
}

Reply Operations::listUnattributed(const Call&) {
    return unattributedReply();
}

Reply Operations::attributeAct(const Call& call) {
    const auto act = pathId<EventId>(call, "actId", "not-found");
    if (!act) return tl::make_unexpected(act.error());
    if (auto ok = Body::none(call.request.body); !ok) return tl::make_unexpected(ok.error());
    const auto done = _parts.counter.attribute(*act);
    if (!done) return tl::make_unexpected(done.error());
    return unattributedReply();
}

Reply Operations::decideJob(const Call& call) {
    const auto job = pathId<Uuid>(call, "jobId", "not-found");
    if (!job) return tl::make_unexpected(job.error());
    auto body = Body::parse(call.request.body);
    if (!body) return tl::make_unexpected(std::move(body.error()));
    body->only({"decision"});
    const bool reprint = body->word("decision", {"reprint", "done"}) == "reprint";
    if (auto ok = body->done(); !ok) return tl::make_unexpected(std::move(ok.error()));
    const auto decided = _parts.counter.decide(*job, reprint);
    if (!decided) return tl::make_unexpected(decided.error());
    JsonWriter out;
    call.voice.job(out, *decided);
    return http::Response::json(out.take());
}

// ---------------------------------------------------------------- people

Reply Operations::search(const Call& call) {
    auto body = Body::parse(call.request.body);
    if (!body) return tl::make_unexpected(std::move(body.error()));
    body->only({"query", "limit"});
    const std::string text = body->text("query", 2, 120);
    const auto limit = body->wholeOr("limit", 8, 1, counter::kSearchMax);
    if (auto ok = body->done(); !ok) return tl::make_unexpected(std::move(ok.error()));
    const auto found = _parts.counter.search(text, static_cast<std::size_t>(limit));
    if (!found) return tl::make_unexpected(found.error());
    JsonWriter out;
    call.voice.found(out, *found);
    return http::Response::json(out.take());
}

Reply Operations::createSubject(const Call& call) {
    auto body = Body::parse(call.request.body);
    if (!body) return tl::make_unexpected(std::move(body.error()));
    body->only({"idempotencyKey", "name", "language", "contacts"});
    counter::NewPerson person;
    person.idempotencyKey = body->id("idempotencyKey");
    if (auto name = body->object("name")) {
        name->only({"given", "family"});
        person.given = name->text("given", 0, 100);
        person.family = name->text("family", 0, 100);
    }
    person.language = body->word("language", kLanguages);
    person.contacts = readContacts(*body, false);
    if (auto ok = body->done(); !ok) return tl::make_unexpected(std::move(ok.error()));
    const auto repeated = _parts.counter.newPerson(person);
    if (!repeated) return tl::make_unexpected(repeated.error());
    return deskReply(call, *repeated ? 200 : 201);
}

Reply Operations::listActs(const Call& call) {
    const auto subject = pathId<SubjectId>(call, "subjectId", "subject-unknown");
    if (!subject) return tl::make_unexpected(subject.error());
    std::vector<counter::FieldError> bad;
    std::size_t limit = kPageDefault;
    std::string after;
    for (const auto& [name, value] : call.request.query) {
        if (name == "after") {
            after = value;
            if (after.size() > 64) bad.push_back({"/after", "too-long", std::nullopt});
            continue;
        }
        const bool digits = !value.empty() && value.size() <= 3 &&
                            value.find_first_not_of("0123456789") == std::string::npos;
        limit = digits ? static_cast<std::size_t>(std::stoul(value)) : 0;
        if (limit < 1 || limit > kPageMax) bad.push_back({"/limit", "out-of-range", std::nullopt});
    }
    if (!bad.empty()) return counter::refuseFields(std::move(bad));
    const auto page = _parts.counter.acts(*subject, after, limit, call.voice.language());
    if (!page) return tl::make_unexpected(page.error());
    JsonWriter out;
    call.voice.acts(out, *page);
    return http::Response::json(out.take());
}

Reply Operations::setPreferences(const Call& call) {
    const auto subject = pathId<SubjectId>(call, "subjectId", "subject-unknown");
    if (!subject) return tl::make_unexpected(subject.error());
    auto body = Body::parse(call.request.body);
    if (!body) return tl::make_unexpected(std::move(body.error()));
    body->only({"genres", "frequency", "language"});
    counter::Preferences wanted;
    wanted.genres = readGenres(*body);
    if (!body->has("frequency")) body->reject("frequency", "missing");
    wanted.frequency = body->textOr("frequency", 32);
    wanted.language = body->wordOrNull("language", kLanguages);
    if (auto ok = body->done(); !ok) return tl::make_unexpected(std::move(ok.error()));
    const auto done = _parts.counter.setPreferences(*subject, wanted);
    if (!done) return tl::make_unexpected(done.error());
    return deskReply(call);
}

Reply Operations::addContact(const Call& call) {
    const auto subject = pathId<SubjectId>(call, "subjectId", "subject-unknown");
    if (!subject) return tl::make_unexpected(subject.error());
    auto body = Body::parse(call.request.body);
    if (!body) return tl::make_unexpected(std::move(body.error()));
    const counter::NewContact contact = readContact(*body);
    if (auto ok = body->done(); !ok) return tl::make_unexpected(std::move(ok.error()));
    const auto done = _parts.counter.addContact(*subject, contact);
    if (!done) return tl::make_unexpected(done.error());
    return deskReply(call, 201);
}

} // namespace souffleur::api
