// A disk that fails under the real binary: what cannot be made durable is not acknowledged.
#include <doctest/doctest.h>
#include <signal.h>

#include <fstream>

#include "tests/scenario/installation.hpp"

namespace bb::tests {
namespace {

struct Failure {
  const char* fault;  // of tests/faults/disk.cpp
  const char* said;   // to the operator
};

constexpr Failure failures[] = {
    {"full", "the disk is full: free some space"},
    {"read-only", "cannot be read or written"},
    {"sync", "cannot be read or written"},
};

class Disk {
 public:
  explicit Disk(const TemporaryFolder& folder) : control_(folder.path("disk-fault")) {}

  void fail(const std::string& fault) const { std::ofstream(control_) << fault; }
  void work() const { fail(""); }

  [[nodiscard]] app::Environment environment() const {
    return {{"LD_PRELOAD", BB_DISK_FAULTS},
            {"BB_DISK_FAULT", control_},
            {"BB_DISK_PATH", "busy-beaver.db"},
            {"ASAN_OPTIONS", "verify_asan_link_order=0"}};
  }

 private:
  std::string control_;
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) {
    ++found;
  }
  return found;
}

http::Response ready(Installation& installation, Process& process) {
  const std::string url = "http://127.0.0.1:" + std::to_string(process.port()) + "/readyz";
  return installation.browser->send({.url = url}).value();
}

}  // namespace

TEST_CASE("while the disk fails events are refused and afterwards nothing acknowledged is lost") {
  for (const auto& [fault, said] : failures) {
    Installation installation;
    const Disk disk(installation.folder);
    const std::string ada = installation.slack->add_user("Ada");
    auto process = installation.serve(disk.environment());
    CHECK(ready(installation, *process).status == 200);
    // The answer to the first message is still to be given when the disk fails.
    installation.slack->add_fault("chat.postMessage", sim::refused());
    REQUIRE(installation.slack->say(ada, "help")->accepted);
    REQUIRE(process->wait_for("job_retry"));
    disk.fail(fault);
    const auto refused = installation.slack->say(ada, "status");
    CHECK_FALSE(refused->accepted);
    for (const sim::DeliveryAttempt& attempt : refused->attempts) {
      CHECK(attempt.status == 503);
    }
    CHECK(process->wait_for("database_failed"));
    INFO(fault << ": " << process->output());
    const http::Response unready = ready(installation, *process);
    CHECK(unready.status == 503);
    CHECK(unready.body.find(said) != std::string::npos);
    CHECK(process->output().find(said) != std::string::npos);
    REQUIRE(process->wait_for("jobs_stopped"));
    disk.work();
    CHECK(ready(installation, *process).status == 200);
    CHECK(installation.slack->say(ada, "status")->accepted);
    CHECK(installation.wait_for_answers(ada, 2));
    // Said when it begins, not at each try; what only reads may end it for a moment.
    CHECK(count(process->output(), "jobs_stopped") <= 3);
    CHECK(process->wait_for("jobs_resumed"));
    process->send_signal(SIGKILL);
    process->wait();
    auto next = installation.serve();
    REQUIRE(installation.slack->say(ada, "help")->accepted);
    CHECK(installation.wait_for_answers(ada, 3));
    next->send_signal(SIGTERM);
    CHECK(next->wait() == 0);
    CHECK(installation.answers(ada) == 3);
  }
}

TEST_CASE("a start on a disk that fails ends with what is wrong and a later one works") {
  for (const auto& [fault, said] : failures) {
    CAPTURE(fault);
    Installation installation;
    const Disk disk(installation.folder);
    app::Environment environment = installation.environment();
    environment.merge(disk.environment());
    disk.fail(fault);
    const Finished finished = run({"serve"}, environment, installation.home());
    CHECK(finished.code == 1);
    CHECK(finished.output.find(said) != std::string::npos);
    disk.work();
    auto process = installation.serve(disk.environment());
    CHECK(ready(installation, *process).status == 200);
  }
}

}  // namespace bb::tests
