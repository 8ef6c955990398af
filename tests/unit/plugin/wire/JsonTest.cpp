#include "plugin/wire/Json.h"

#include "plugin/wire/JsonWriter.h"
#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::wire;

namespace {

Code codeOf(std::string_view text, const JsonLimits& limits = {}) {
    const auto json = Json::parse(text, limits);
    REQUIRE_FALSE(json.has_value());
    return json.error().code;
}

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

} // namespace

TEST_CASE("what is not JSON is refused") {
    for (const char* text :
         {"", " ", "{", "[1,]", "{\"a\":}", "nul", "{'a':1}", "[1] 2", "\"a", "[01]", "[1e]",
          "[NaN]", "{\"a\":1,}", "[\"\n\"]", "[\"\\x\"]", "[1e999]", "[\"\\ud800\"]"}) {
        CAPTURE(text);
        CHECK(codeOf(text) == Code::invalid);
    }
}

TEST_CASE("bytes that are not UTF-8 are refused") {
    CHECK(codeOf("[\"\xff\"]") == Code::invalid);
    CHECK(codeOf("[\"\xc0\xaf\"]") == Code::invalid);
    CHECK(codeOf("[\"\xed\xa0\x80\"]") == Code::invalid);
}

TEST_CASE("a key twice is refused at any depth, also when written with an escape") {
    CHECK(codeOf(R"({"a":1,"a":1})") == Code::invalid);
    CHECK(codeOf(R"([{"x":{"b":1,"c":2,"b":3}}])") == Code::invalid);
    CHECK(codeOf(R"({"a":1,"\u0061":2})") == Code::invalid);
    CHECK(Json::parse(R"({"a":{"a":1},"b":{"a":1}})").has_value());
}

TEST_CASE("size, depth and count are bounded exactly") {
    CHECK(Json::parse(nested(32)).has_value());
    CHECK(codeOf(nested(33)) == Code::invalid);
    CHECK(codeOf(nested(20000)) == Code::invalid);
    JsonLimits limits;
    limits.maxBytes = 4;
    CHECK(Json::parse("1234", limits).has_value());
    CHECK(codeOf("12345", limits) == Code::tooLarge);
    limits = {};
    limits.maxValues = 3;
    CHECK(Json::parse("[1,2]", limits).has_value());
    CHECK(codeOf("[1,2,3]", limits) == Code::tooLarge);
}

TEST_CASE("a wrong type is an error that names the place and not the value") {
    const Json json = *Json::parse(R"({"a/b":[true,"secret",1.0,9223372036854775808]})");
    const auto items = *json.at("a/b")->items();
    CHECK(items[0].asInt().error().where == "/a~1b/0");
    CHECK_FALSE(items[1].asBool().has_value());
    CHECK(items[1].asInt().error().message.find("secret") == std::string::npos);
    CHECK_FALSE(items[2].asInt().has_value());
    CHECK_FALSE(items[3].asInt().has_value());
    CHECK(*items[3].asUint() == 9223372036854775808ULL);
    CHECK_FALSE(Json::parse("-1")->asUint().has_value());
    CHECK(*Json::parse("-1")->asNumber() == -1.0);
    CHECK(json.at("absent").error().where == "/absent");
    CHECK(items[1].asString(5).error().code == Code::tooLarge);
    CHECK(json.at("a/b")->items(3).error().code == Code::tooLarge);
    CHECK_FALSE(json.onlyKeys({"other"}).has_value());
    CHECK(json.onlyKeys({"other", "a/b"}).has_value());
}

TEST_CASE("a value outlives the parse that made it") {
    std::optional<Json> value;
    {
        std::string text = R"({"list":["kept"]})";
        value = Json::parse(text)->at("list")->items()->front();
        text.assign(text.size(), 'x');
    }
    CHECK(*value->asString() == "kept");
}

TEST_CASE("the reader keeps the first error and then gives defaults") {
    JsonReader in(Json::parse(R"({"a":1,"b":"x","c":null,"d":{"e":true}})"));
    CHECK(in.integer("a", 0, 5) == 1);
    CHECK(in.stringOr("c", "fallback", 10) == "fallback");
    CHECK(in.integerOr("zz", 7, 0, 9) == 7);
    JsonReader below = in.object("d");
    CHECK(below.boolean("e"));
    CHECK(in.ok());
    CHECK(in.integer("b", 3, 5) == 3);
    CHECK(in.string("missing", 10).empty());
    CHECK(in.integer("a", 0, 5) == 0);
    CHECK(in.done().error().where == "/b");
    JsonReader none(Json::parse("["));
    CHECK(none.done().error().code == Code::invalid);
    CHECK_FALSE(JsonReader(Json::parse("[]")).ok());
}

TEST_CASE("an optional member of the wrong type is an error all the same") {
    JsonReader in(Json::parse(R"({"a":"1","id":"x"})"));
    CHECK(in.integerOr("a", 4, 0, 9) == 4);
    CHECK_FALSE(in.ok());
    JsonReader id(Json::parse(R"({"id":"x"})"));
    CHECK(id.idOr<SubjectId>("id").none());
    CHECK(id.done().error().where == "/id");
}

TEST_CASE("impossible orders of writing are bugs") {
    CHECK_THROWS_AS(JsonWriter().beginObject().value(1), std::logic_error);
    CHECK_THROWS_AS(JsonWriter().key("a"), std::logic_error);
    CHECK_THROWS_AS(JsonWriter().beginArray().endObject(), std::logic_error);
    CHECK_THROWS_AS(JsonWriter().value(1).value(2), std::logic_error);
    CHECK_THROWS_AS(JsonWriter().beginObject().take(), std::logic_error);
}

TEST_CASE("text that is not UTF-8 is replaced and told of") {
    JsonWriter out;
    out.value("a\xff");
    CHECK_FALSE(out.clean());
    CHECK(out.take() == "\"a\xEF\xBF\xBD\"");
    JsonWriter genuine;
    genuine.value("a\xEF\xBF\xBD");
    CHECK(genuine.clean());
}

PROPERTY("what the writer writes the reader reads", [](const std::vector<std::string>& texts,
                                                       std::int64_t number, bool truth) {
    JsonWriter out;
    out.beginObject().field("n", number).field("t", truth).list("texts", texts).endObject();
    const bool clean = out.clean();
    const auto json = Json::parse(out.take());
    RC_ASSERT(json.has_value());
    RC_ASSERT(*json->at("n")->asInt() == number);
    RC_ASSERT(*json->at("t")->asBool() == truth);
    const auto items = *json->at("texts")->items();
    RC_ASSERT(items.size() == texts.size());
    for (std::size_t i = 0; clean && i < texts.size(); ++i) {
        RC_ASSERT(*items[i].asString() == texts[i]);
    }
});
