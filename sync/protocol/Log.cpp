#include "sync/protocol/Log.h"

#include <algorithm>
#include <charconv>

#include "sync/protocol/HashText.h"
#include "sync/protocol/LogJson.h"

namespace souffleur::protocol {
namespace {

constexpr std::string_view kFormat = "souffleur-log-1";
constexpr std::size_t kWordBytes = 128;
constexpr std::int64_t kSizeMax = static_cast<std::int64_t>(crypto::kTreeLeavesMax);
constexpr wire::JsonLimits kLimits{.maxBytes = kLogMaxBytes};
constexpr std::array<std::string_view, 6> kFaultNames{"",        "unsound", "other-log",
                                                      "shorter", "forked",  "silent"};

void writeState(wire::JsonWriter& out, const LogState& state) {
    out.field("format", kFormat);
    writeHead(out, state.head);
    out.key("shards").beginArray();
    for (const crypto::ShardHead& shard : state.shards) {
        out.beginObject().field("size", shard.size).field("head", hashText(shard.head));
        out.endObject();
    }
    out.endArray();
}

LogState readState(wire::JsonReader& in) {
    LogState state;
    if (in.string("format", kWordBytes) != kFormat)
        in.reject("/format", "this is no word of head office about its log");
    state.head = readHead(in);
    const auto shards = in.items("shards", crypto::kLogShards);
    if (in.ok() && shards.size() != crypto::kLogShards) in.reject("/shards", "a log has 64 shards");
    for (std::size_t i = 0; i < shards.size() && in.ok(); ++i) {
        wire::JsonReader one(shards[i]);
        const auto size = static_cast<std::uint64_t>(one.integer("size", 0, kSizeMax));
        const auto head = parseHash(one.string("head", kWordBytes));
        if (one.ok() && !head) one.reject("/head", "not a hash");
        in.require(one.done());
        if (in.ok()) state.shards.at(i) = {size, *head};
    }
    return state;
}

void readPaths(wire::JsonReader& in, LogAnswer& answer) {
    for (const wire::Json& item : in.itemsOr("proofs", crypto::kLogShards)) {
        wire::JsonReader one(item);
        const auto shard = static_cast<std::size_t>(
            one.integer("shard", 0, static_cast<std::int64_t>(crypto::kLogShards) - 1));
        crypto::TreePath path = readPath(one, "path");
        if (one.ok() && !answer.paths.at(shard).empty())
            one.reject("/shard", "a shard has one proof");
        in.require(one.done());
        if (!in.ok()) return;
        answer.paths.at(shard) = std::move(path);
    }
}

} // namespace

void writeHead(wire::JsonWriter& out, const LogHead& head) {
    out.field("log", head.log).field("at", formatTime(head.at)).field("size", head.size);
    out.field("root", hashText(head.root));
    out.field("signature", crypto::signatureText(head.signature));
}

LogHead readHead(wire::JsonReader& in) {
    LogHead head;
    head.log = in.id<OriginId>("log");
    const auto at = parseTime(in.string("at", kWordBytes));
    head.size = static_cast<std::uint64_t>(in.integer("size", 0, kSizeMax));
    const auto root = parseHash(in.string("root", kWordBytes));
    const auto signature = crypto::parseSignature(in.string("signature", kWordBytes));
    if (in.ok() && !at) in.reject("/at", "not a time");
    if (in.ok() && !root) in.reject("/root", "not a hash");
    if (in.ok() && !signature) in.reject("/signature", "not a signature");
    if (!in.ok()) return {};
    head.at = *at;
    head.root = *root;
    head.signature = *signature;
    return head;
}

void writePath(wire::JsonWriter& out, std::string_view key, const crypto::TreePath& path) {
    out.key(key).beginArray();
    for (const crypto::Hash& hash : path) out.value(hashText(hash));
    out.endArray();
}

crypto::TreePath readPath(wire::JsonReader& in, std::string_view key) {
    crypto::TreePath path;
    for (const std::string& text : in.strings(key, crypto::kTreePathMax, kWordBytes)) {
        const auto hash = parseHash(text);
        if (!hash) {
            in.reject(std::string("/").append(key), "not a hash");
            return {};
        }
        path.push_back(*hash);
    }
    return path;
}

std::string signingInput(const LogHead& head) {
    std::string text(kFormat);
    for (const std::string& field :
         {head.log.text(), formatTime(head.at), std::to_string(head.size), hashText(head.root)}) {
        text += '\n';
        text += field;
    }
    return text;
}

bool signedBy(const LogHead& head, const crypto::PublicKey& key) {
    return crypto::verify(key, signingInput(head), head.signature);
}

LogState signLog(const OriginId& log, const crypto::ShardHeads& shards, TimeMs at,
                 const crypto::SigningKey& key) {
    LogState state{{log, at, crypto::leavesOf(shards), crypto::rootOfRoots(shards), {}}, shards};
    state.head.signature = key.sign(signingInput(state.head));
    return state;
}

std::string encodeLogState(const LogState& state) {
    wire::JsonWriter out;
    out.beginObject();
    writeState(out, state);
    return out.endObject().take();
}

Result<LogState> decodeLogState(std::string_view json) {
    wire::JsonReader in(wire::Json::parse(json, kLimits));
    LogState state = readState(in);
    if (auto ok = in.done(); !ok) return passOn(ok);
    return state;
}

std::string encodeLogAnswer(const LogAnswer& answer) {
    wire::JsonWriter out;
    out.beginObject();
    writeState(out, answer.now);
    out.key("proofs").beginArray();
    for (std::size_t shard = 0; shard < answer.paths.size(); ++shard) {
        if (answer.paths.at(shard).empty()) continue;
        out.beginObject().field("shard", shard);
        writePath(out, "path", answer.paths.at(shard));
        out.endObject();
    }
    return out.endArray().endObject().take();
}

Result<LogAnswer> decodeLogAnswer(std::string_view json) {
    wire::JsonReader in(wire::Json::parse(json, kLimits));
    LogAnswer answer{readState(in), {}};
    readPaths(in, answer);
    if (auto ok = in.done(); !ok) return passOn(ok);
    return answer;
}

LogSizes sizesOf(const crypto::ShardHeads& shards) noexcept {
    LogSizes sizes{};
    for (std::size_t i = 0; i < shards.size(); ++i) sizes.at(i) = shards.at(i).size;
    return sizes;
}

std::string sizesText(const LogSizes& sizes) {
    std::string text;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        if (i > 0) text += '.';
        if (sizes.at(i) > 0) text += std::to_string(sizes.at(i));
    }
    return text;
}

Result<LogSizes> parseSizes(std::string_view text) {
    constexpr const char* kWhat = "the sizes of a log are 64 numbers with points between";
    LogSizes sizes{};
    if (text.empty()) return sizes;
    if (static_cast<std::size_t>(std::count(text.begin(), text.end(), '.')) + 1 != sizes.size())
        return fail(Code::invalid, kWhat, "/from");
    for (std::uint64_t& size : sizes) {
        const std::size_t end = std::min(text.find('.'), text.size());
        if (end > 0) {
            const auto [at, error] = std::from_chars(text.data(), text.data() + end, size);
            if (error != std::errc{} || at != text.data() + end || size > crypto::kTreeLeavesMax)
                return fail(Code::invalid, kWhat, "/from");
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return sizes;
}

std::string_view name(LogFault fault) noexcept {
    return kFaultNames[static_cast<std::size_t>(fault)];
}

std::optional<LogFault> logFaultFrom(std::string_view name) noexcept {
    for (std::size_t i = 0; i < kFaultNames.size(); ++i) {
        if (kFaultNames.at(i) == name) return static_cast<LogFault>(i);
    }
    return std::nullopt;
}

std::string encodeLogAlarm(LogFault fault) {
    wire::JsonWriter out;
    return out.beginObject().field("fault", name(fault)).endObject().take();
}

Result<LogFault> decodeLogAlarm(std::string_view json) {
    wire::JsonReader in(wire::Json::parse(json));
    const auto fault = logFaultFrom(in.string("fault", kWordBytes));
    if (in.ok() && !fault) in.reject("/fault", "no fault of a log");
    if (auto ok = in.done(); !ok) return passOn(ok);
    return *fault;
}

LogFault judgeLog(const LogState* kept, const LogAnswer& answer, const crypto::PublicKey& key) {
    const LogState& now = answer.now;
    if (!signedBy(now.head, key) || crypto::rootOfRoots(now.shards) != now.head.root ||
        crypto::leavesOf(now.shards) != now.head.size)
        return LogFault::unsound;
    if (kept == nullptr) return LogFault::none;
    if (kept->head.log != now.head.log) return LogFault::otherLog;
    for (std::size_t i = 0; i < now.shards.size(); ++i) {
        if (now.shards.at(i).size < kept->shards.at(i).size) return LogFault::shorter;
    }
    for (std::size_t i = 0; i < now.shards.size(); ++i) {
        const crypto::ShardHead& before = kept->shards.at(i);
        const crypto::ShardHead& after = now.shards.at(i);
        if (!crypto::checkConsistency(before.size, before.head, after.size, after.head,
                                      answer.paths.at(i)))
            return LogFault::forked;
    }
    return LogFault::none;
}

} // namespace souffleur::protocol
