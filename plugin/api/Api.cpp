#include "plugin/api/Api.h"

#include <array>

#include "plugin/api/Operations.h"
#include "plugin/http/Router.h"

namespace souffleur::api {

namespace {

using http::Method;

struct Row {
    Method method;
    std::string_view path;
    std::string_view stage;
    Operations::Function function;
    std::array<std::string_view, 3> query = {};
};

using O = Operations;

constexpr std::array<Row, 30> kRows{{
    {Method::post, "/session", "none", &O::startSession},
    {Method::get, "/session", "launched", &O::getSession},
    {Method::post, "/session/sign-in", "launched", &O::signIn},
    {Method::post, "/session/sign-out", "launched", &O::signOut},
    {Method::post, "/session/lock", "launched", &O::lock},
    {Method::post, "/session/unidentified", "launched", &O::goUnidentified},
    {Method::get, "/operators", "launched", &O::listOperators},
    {Method::get, "/feed", "launched", &O::feed},
    {Method::get, "/desk", "capture", &O::getDesk},
    {Method::post, "/desk/select", "capture", &O::selectCustomer},
    {Method::post, "/desk/situation", "capture", &O::setSituation},
    {Method::post, "/desk/rush", "capture", &O::setRush},
    {Method::post, "/desk/language", "capture", &O::setLanguage},
    {Method::post, "/desk/hand-over", "capture", &O::handOver},
    {Method::post, "/desk/take-back", "capture", &O::takeBack},
    {Method::post, "/acts", "capture", &O::recordAct},
    {Method::post, "/acts/{actId}/undo", "capture", &O::undoAct},
    {Method::post, "/acts/{actId}/slip", "capture", &O::printSlip},
    {Method::get, "/acts/{actId}/receipt", "operator", &O::getReceipt},
    {Method::get, "/acts/unattributed", "operator", &O::listUnattributed},
    {Method::post, "/acts/{actId}/attribute", "operator", &O::attributeAct},
    {Method::post, "/search", "operator", &O::search},
    {Method::post, "/subjects", "capture", &O::createSubject},
    {Method::get, "/subjects/{subjectId}/acts", "operator", &O::listActs, {"after", "limit"}},
    {Method::post, "/subjects/{subjectId}/preferences", "capture", &O::setPreferences},
    {Method::post, "/subjects/{subjectId}/contacts", "capture", &O::addContact},
    {Method::post, "/printer/jobs/{jobId}/decide", "capture", &O::decideJob},
    {Method::post, "/printer/drawer", "operator", &O::openDrawer},
    {Method::get, "/status", "launched", &O::getStatus},
    {Method::get,
     "/policy/notices",
     "capture",
     &O::getNotices,
     {"noticeId", "version", "language"}},
}};

} // namespace

Api::Api(ApiParts parts, ApiSettings settings)
    : _operations(std::make_unique<Operations>(std::move(parts), std::move(settings))) {}

Api::~Api() = default;

void Api::addTo(http::Router& router) {
    for (const Row& row : kRows) {
        std::vector<std::string_view> query;
        for (const std::string_view name : row.query) {
            if (!name.empty()) query.push_back(name);
        }
        router.add(row.method, std::string("/api/v1").append(row.path),
                   [operations = _operations.get(), &row, query = std::move(query)](
                       const http::Request& request) -> Result<http::Response> {
                       return operations->answer(request, row.stage, query, row.function);
                   });
    }
}

std::vector<Api::Operation> Api::operations() {
    std::vector<Operation> all;
    all.reserve(kRows.size());
    for (const Row& row : kRows) all.push_back({row.method, row.path, row.stage});
    return all;
}

void Api::setSync(SyncView sync) {
    _operations->setSync(std::move(sync));
}

void Api::setHost(HostView host) {
    _operations->setHost(std::move(host));
}

void Api::onLaunched(std::function<void()> hook) {
    _operations->onLaunched(std::move(hook));
}

} // namespace souffleur::api
