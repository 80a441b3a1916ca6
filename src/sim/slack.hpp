// A Slack workspace as the bot sees it: the Web API on real HTTP, as strict as Slack, and signed
// event delivery. Time is the Clock's; nothing happens by itself except answers to requests.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "http/message.hpp"
#include "sim/fault.hpp"
#include "sim/slack_view.hpp"

namespace bb::sim {

struct SlackOptions {
  std::string team_id = "T0CEDAR01";
  std::string team_name = "Cedar Falls C++";
  std::string app_id = "A0BEAVER1";
  std::string bot_id = "B0BEAVER1";
  std::string bot_user_id = "U0BEAVER1";
  std::string bot_name = "Busy Beaver";
  Secret bot_token{"xoxb-simulated-bot-token"};
  Secret signing_secret{"5f1d3c0e9a7b48d2b6e0c4f8a1927364"};
  std::string verification_token = "simulated-verification-token";
  std::size_t page_size = 1000;    // no page has more, whatever `limit` asks for
  bool echo_bot_messages = false;  // events for the bot's own messages, delivered by tick()
  bool cut_long_text = false;      // above 40,000 characters: cut instead of msg_too_long
  std::chrono::milliseconds delivery_time{3'000};
};

struct SlackChannel {
  std::string id = {};  // made up if empty
  std::string name = {};
  std::vector<std::string> members = {};  // ids of people; the bot is added by bot_is_member
  bool bot_is_member = true;
  bool is_private = false;
  bool is_archived = false;
};

struct SlackMessage {
  std::string channel;
  std::string ts;
  std::string user;  // the author; the bot's user id for its own
  bool from_bot = false;
  std::string text;         // as Slack keeps it: &, < and > are entities
  std::string blocks;       // JSON array, empty if it has none
  std::string metadata;     // JSON object, empty if it has none
  std::string arguments;    // JSON object: all that chat.postMessage was called with
  std::string thread = {};  // ts of the message that it replies to, empty if it is no reply
};

struct DeliveryAttempt {
  int retry = 0;            // x-slack-retry-num, 0 for the first attempt
  std::string reason = {};  // x-slack-retry-reason
  int status = 0;           // 0: no answer
};

struct Delivery {
  std::string event_id;
  std::vector<DeliveryAttempt> attempts;
  bool accepted = false;
};

class Slack {
 public:
  static Result<std::unique_ptr<Slack>> start(const Clock& clock, Random& random,
                                              SlackOptions options = {});
  ~Slack();
  Slack(const Slack&) = delete;
  Slack& operator=(const Slack&) = delete;

  // For SLACK_API_URL: http://127.0.0.1:PORT/api
  [[nodiscard]] std::string url() const;
  [[nodiscard]] const SlackOptions& options() const;

  // Ids start with U; made up if empty. They return the id.
  std::string add_user(std::string name, std::string id = {});
  void make_admin(const std::string& user);
  std::string add_channel(SlackChannel channel);
  void change_channel(const std::string& id, const std::function<void(SlackChannel&)>& change);

  // The direct conversation of the bot with a person, opened if there is none.
  std::string direct_channel(const std::string& user);

  // The next calls of `method` ("chat.postMessage", or "*") meet this.
  void add_fault(const std::string& method, Fault fault);
  void clear_faults();

  // Asked at each call for which no fault was added.
  void draw_faults(FaultSource source);

  // Where events go: the bot's POST /slack-event-subscription.
  void deliver_to(std::string target);

  // What Slack does when the address is entered: the answer must hold the challenge.
  Result<void> verify_url(const std::string& target);

  // `user` writes to the bot: stored in the direct conversation and delivered, with the immediate
  // first retry if needed. Later retries are due after 1 and 5 minutes.
  Result<Delivery> say(const std::string& user, std::string_view text);

  // A person writes in a channel. The bot does not hear of it: it reads direct messages only.
  void write(const std::string& user, const std::string& channel, std::string_view text);

  // Any inner event (a JSON object) in the usual envelope, delivered like say().
  Result<Delivery> deliver_event(std::string_view event);

  // Delivers retries and echoes that are due; returns those deliveries as they stand.
  std::vector<Delivery> tick();

  // Posts octets as they are, to the target. signed_headers() makes what Slack would send with
  // them.
  Result<http::Response> deliver_raw(const std::string& body, const http::Headers& headers);
  [[nodiscard]] http::Headers signed_headers(
      std::string_view body, std::chrono::seconds age = std::chrono::seconds(0)) const;

  // Called for every stored message, on the thread that caused it, outside of all locks.
  void on_message(std::function<void(const SlackMessage&)> call);

  // Oldest first, replies included. By channel id, and by the person of a direct conversation.
  [[nodiscard]] std::vector<SlackMessage> messages(const std::string& channel) const;
  [[nodiscard]] std::vector<SlackMessage> replies(const std::string& channel,
                                                  const std::string& thread) const;
  [[nodiscard]] std::vector<SlackMessage> dm_messages(const std::string& user) const;

  [[nodiscard]] std::optional<std::string> find_user(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> find_channel(std::string_view name) const;
  [[nodiscard]] Names names() const;
  [[nodiscard]] std::size_t calls(std::string_view method) const;

  // Lets go of held requests and ends the server. Idempotent.
  void stop();

 private:
  struct Inner;
  explicit Slack(std::unique_ptr<Inner> inner);
  std::unique_ptr<Inner> inner_;
};

}  // namespace bb::sim
