#include "drivers/printer/Model.h"

#include <Paths.h>
#include <doctest/doctest.h>

#include "drivers/printer/ProfileFile.h"

using namespace souffleur;
using printer::Seen;

namespace {

std::vector<printer::Model> shipped() {
    auto models = printer::loadModels(std::string(kSourceDir) + "/firmware-config/profiles");
    REQUIRE(models);
    return *std::move(models);
}

std::string found(const std::vector<printer::Model>& models, const Seen& seen) {
    const auto* const model = printer::bestModel(models, seen);
    return model == nullptr ? "" : model->profile.id;
}

} // namespace

TEST_CASE("a device is known by its own word, its 1284 id, its numbers, in this order") {
    const auto models = shipped();
    CHECK(found(models, {.deviceId = "MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;CLS:PRINTER;"}) ==
          "epson-tm-t88v");
    CHECK(found(models, {.deviceId = "mfg:epson;cmd:esc/pos;mdl:tm-t88vi;cls:printer;"}) ==
          "epson-tm-t88vi");
    CHECK(found(models, {.usbVendor = 0x04B8, .usbProduct = 0x0E21}) == "epson-tm-t88vi");
    CHECK(found(models, {.usbVendor = 0x04B8, .usbProduct = 0x0202, .product = "TM-T20III"}) ==
          "epson-tm-t20iii");
    CHECK(found(models, {.maker = "EPSON", .name = "TM-m30"}) == "epson-tm-m30");
    CHECK(found(models, {.deviceId = "MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;CLS:PRINTER;",
                         .maker = "EPSON",
                         .name = "TM-T88IV"}) == "epson-tm-t88iv");
}

TEST_CASE("a raster-only Star is found, so that it can be refused") {
    const auto models = shipped();
    const auto* const model = printer::bestModel(
        models, {.usbVendor = 0x0519,
                 .usbProduct = 0x0003,
                 .deviceId = "MFG:Star;CMD:STAR;MDL:TSP143 (STR_T-001);CLS:PRINTER;"});
    REQUIRE(model != nullptr);
    CHECK(model->language == printer::Language::starGraphic);
    CHECK_FALSE(model->refusal.empty());
}

TEST_CASE("what fits many models or none names none") {
    const auto models = shipped();
    CHECK(found(models, {}).empty());
    CHECK(found(models, {.usbVendor = 0x04B8, .usbProduct = 0x0202}).empty());
    CHECK(found(models, {.usbVendor = 0x0519, .usbProduct = 0x0001}).empty());
    CHECK(found(models, {.maker = "SOMEONE", .name = "TM-T88V"}).empty());
    CHECK(found(models, {.deviceId = "MFG:HP;MDL:LaserJet;"}).empty());
}
