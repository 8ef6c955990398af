#include "sync/agent/LogRecord.h"

#include <algorithm>

#include "plugin/wire/Json.h"
#include "plugin/wire/JsonWriter.h"

namespace souffleur::agent {
namespace {

constexpr const char* kSetting = "log";
constexpr std::size_t kWordBytes = 128;
constexpr wire::JsonLimits kLimits{.maxBytes = ledger::kSettingMaxBytes};

std::optional<protocol::LogState> stateIn(wire::JsonReader& in, std::string_view key) {
    const auto part = in.find(key);
    if (!part) return std::nullopt;
    auto state = protocol::decodeLogState(part->text());
    if (state) return *std::move(state);
    in.reject(std::string("/").append(key), "not the head of a log");
    return std::nullopt;
}

std::optional<LogAlarm> alarmIn(wire::JsonReader& in) {
    wire::JsonReader part = in.objectOr("alarm");
    if (!part.present()) return std::nullopt;
    LogAlarm alarm;
    const auto fault = protocol::logFaultFrom(part.string("fault", kWordBytes));
    if (part.ok() && (!fault || *fault == protocol::LogFault::none))
        part.reject("/fault", "no fault of a log");
    alarm.at = part.time("at");
    alarm.told = part.boolean("told");
    alarm.shown = stateIn(part, "shown");
    in.require(part.done());
    if (!in.ok()) return std::nullopt;
    alarm.fault = *fault;
    return alarm;
}

} // namespace

std::string encodeLogRecord(const LogRecord& record) {
    wire::JsonWriter out;
    out.beginObject();
    if (record.key) out.field("key", crypto::publicKeyText(*record.key));
    if (record.kept) out.key("kept").raw(protocol::encodeLogState(*record.kept));
    if (record.alarm) {
        out.key("alarm").beginObject().field("fault", protocol::name(record.alarm->fault));
        out.field("at", record.alarm->at).field("told", record.alarm->told);
        if (const auto& shown = record.alarm->shown)
            out.key("shown").raw(protocol::encodeLogState(*shown));
        out.endObject();
    }
    if (record.silentSince > 0) out.field("silentSince", record.silentSince);
    return out.field("over", record.over).endObject().take();
}

Result<LogRecord> decodeLogRecord(std::string_view json) {
    LogRecord record;
    wire::JsonReader in(wire::Json::parse(json, kLimits));
    if (const std::string text = in.stringOr("key", "", kWordBytes); !text.empty()) {
        const auto key = crypto::parsePublicKey(text);
        if (key) record.key = *key;
        if (!key) in.reject("/key", "not a key");
    }
    record.kept = stateIn(in, "kept");
    record.alarm = alarmIn(in);
    record.silentSince = in.timeOr("silentSince", 0);
    record.over = in.booleanOr("over", false);
    if (auto ok = in.done(); !ok) {
        return fail(Code::corrupt, "what this till kept of head office's log cannot be read",
                    ok.error().where);
    }
    return record;
}

Result<LogRecord> loadLogRecord(const ledger::Ledger& ledger) {
    const auto text = ledger.setting(kSetting);
    if (!text && text.error().code == Code::notFound) return LogRecord{};
    if (!text) return passOn(text);
    return decodeLogRecord(*text);
}

Result<void> saveLogRecord(ledger::Ledger& ledger, const LogRecord& record) {
    return ledger.putSetting(kSetting, encodeLogRecord(record));
}

} // namespace souffleur::agent
