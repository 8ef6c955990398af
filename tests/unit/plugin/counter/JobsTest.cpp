#include "plugin/counter/Jobs.h"

#include "tests/support/Property.h"

using namespace souffleur;
using namespace souffleur::counter;

namespace {

struct Rows {
    SeededRandom random{3};
    Jobs jobs;
    printer::JobId paper = 0;

    Uuid add(JobState state) {
        const Uuid id = Uuid::random(random);
        jobs.add({id, EventId::random(random), state, 0, 0}, ++paper);
        return id;
    }
};

} // namespace

TEST_CASE("a slip that the cashier must be asked about outlives all whose end is known") {
    for (const JobState open : {JobState::queued, JobState::printing, JobState::indeterminate}) {
        CAPTURE(name(open));
        Rows rows;
        const Uuid first = rows.add(open);
        for (std::size_t i = 0; i < 2 * Jobs::kJobsKept; ++i) {
            rows.add(i % 3 == 0   ? JobState::printed
                     : i % 3 == 1 ? JobState::failed
                                  : JobState::expired);
        }
        REQUIRE(rows.jobs.find(first) != nullptr);
        CHECK(rows.jobs.find(first)->state == open);
        CHECK(rows.jobs.findPaper(1) == rows.jobs.find(first));
    }
}

TEST_CASE("the oldest slip that ended goes first, and without one the oldest") {
    Rows rows;
    const Uuid asked = rows.add(JobState::indeterminate);
    const Uuid older = rows.add(JobState::printed);
    const Uuid newer = rows.add(JobState::printed);
    while (rows.paper < Jobs::kJobsKept) rows.add(JobState::queued);
    rows.add(JobState::queued);
    CHECK(rows.jobs.find(older) == nullptr);
    CHECK(rows.jobs.find(newer) != nullptr);
    rows.add(JobState::queued);
    CHECK(rows.jobs.find(newer) == nullptr);
    CHECK(rows.jobs.find(asked) != nullptr);
    rows.add(JobState::queued);
    CHECK(rows.jobs.find(asked) == nullptr); // bounded all the same
}
