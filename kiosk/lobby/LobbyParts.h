// What a kiosk process is made of. Private to this room.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "kiosk/lobby/Lobby.h"
#include "kiosk/lobby/Problems.h"
#include "kiosk/lobby/Rate.h"
#include "kiosk/lobby/Sealing.h"
#include "kiosk/lobby/Sender.h"
#include "kiosk/lobby/Staff.h"
#include "plugin/http/Assets.h"
#include "plugin/http/LoopbackGuard.h"
#include "plugin/http/Router.h"
#include "plugin/http/Server.h"
#include "plugin/http/Sessions.h"

namespace souffleur::lobby {

/// What is in force between two changes; shared by requests that run.
struct House {
    policy::InForce inForce;
    std::vector<policy::Questionnaire> surveys; ///< that the house asks at some time
    const policy::Questionnaire* anonymous;     ///< asked now; of surveys
    const policy::Questionnaire* beside;        ///< the same, beside a sign-up
    std::vector<Question> questions;
    int age = 0;
    std::string json; ///< the contract's House, whole
    std::string revision;
};

class Lobby::Parts final : public printer::Listener {
public:
    Parts(const protocol::Device& device, LobbyOptions options, SystemClock& clock, Random& random);
    ~Parts() override { stop(); }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    Result<void> open();
    void start();
    void stop();

    // The operations of openapi.yaml.
    using Operation = Outcome<http::Response> (Parts::*)(const http::Request&);
    struct Row {
        http::Method method;
        std::string_view path;
        bool staff;
        Operation operation;
    };
    static std::span<const Row> rows();
    Outcome<http::Response> startSession(const http::Request& request);
    Outcome<http::Response> getHouse(const http::Request& request);
    Outcome<http::Response> getHealth(const http::Request& request);
    Outcome<http::Response> check(const http::Request& request);
    Outcome<http::Response> signUp(const http::Request& request);
    Outcome<http::Response> fillIn(const http::Request& request);
    Outcome<http::Response> printSlip(const http::Request& request);
    Outcome<http::Response> withdraw(const http::Request& request);
    Outcome<http::Response> wipe(const http::Request& request);
    Outcome<http::Response> staffSignIn(const http::Request& request);
    Outcome<http::Response> staffStatus(const http::Request& request);
    Outcome<http::Response> staffTestSlip(const http::Request& request);
    Outcome<http::Response> staffSignOut(const http::Request& request);
    Outcome<http::Response> staffClose(const http::Request& request);

    void jobEnded(const printer::JobReport& /*report*/) override {}
    void stateChanged(printer::Reasons reasons) override { _printerState = reasons; }

private:
    friend class Lobby;
    Result<void> useHouse(const protocol::Welcome& welcome);
    [[nodiscard]] std::shared_ptr<House> houseOf(policy::InForce inForce,
                                                 std::vector<policy::Questionnaire> surveys) const;
    void renewHouse();
    Result<void> openServer();
    void addRoutes();
    http::Response answer(const Row& row, const http::Request& request);
    Result<http::Response> pageAgain(const http::Request& request) const;
    std::string launchUrl();
    Result<void> writeLaunchFile();
    [[nodiscard]] std::shared_ptr<const House> house() const;
    [[nodiscard]] TimeMs rulesAt() const;
    [[nodiscard]] std::int64_t today() const;
    [[nodiscard]] std::string_view printerWord() const;
    [[nodiscard]] bool canPrint() const;
    Outcome<void> mayTake();
    Outcome<void> print(escpos::Document document);
    std::string signedUp(const Taken& taken, const House& house) const;
    std::string statusJson() const;
    void wipeUntilStopped();

    /// What is left of the last sign-up until the wipe: nothing personal.
    struct Held {
        Uuid requestId;
        std::string answer;
        std::string language;
        Taken taken;
        bool printed = false;
    };

    protocol::Device _device;
    LobbyOptions _options;
    SystemClock& _clock;
    Random& _random;
    Theme _theme;
    Staff _staff;
    Rate _minute;
    Rate _hour;
    Rate _withdrawals{10, kMinuteMs};
    Rate _surveys;
    Rate _checks{300, kMinuteMs};
    std::optional<crypto::SigningKey> _signing;
    std::unique_ptr<SealedStore> _store;
    std::unique_ptr<Sealing> _sealing;
    std::unique_ptr<Sender> _sender;
    std::atomic<printer::Reasons> _printerState{printer::kUnknown};
    std::unique_ptr<printer::Printer> _printer;
    contact::Folder _folder; ///< under _visitor
    std::mutex _visitor;     ///< one visitor at a time
    std::optional<Held> _held;
    std::optional<Uuid> _filledIn; ///< the last questionnaire's request until the wipe
    mutable std::mutex _mutex;
    std::shared_ptr<const House> _house;
    http::Sessions _sessions;
    http::Assets _assets;
    http::Router _router;
    std::unique_ptr<http::LoopbackGuard> _guard;
    std::condition_variable _wake; ///< with _mutex
    bool _stopping = false;
    std::thread _wiper;
    std::unique_ptr<http::Server> _server; // last: it stops before what it borrows goes
};

} // namespace souffleur::lobby
