#include "app/feed_commands.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "base/text.hpp"
#include "base/time.hpp"
#include "features/feeds/formats/document.hpp"
#include "features/feeds/post.hpp"

namespace bb::app {
namespace {

constexpr int done = 0;
constexpr int failed = 1;
constexpr int refused = 2;

constexpr std::size_t shown_items = 3;
constexpr std::size_t most_octets = 5 * 1024 * 1024;

using feeds::Batch;
using feeds::Item;

Result<std::string> read_all(std::istream& in) {
  std::string octets(most_octets + 1, '\0');
  in.read(octets.data(), static_cast<std::streamsize>(octets.size()));
  octets.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad()) {
    return fail(ErrorCode::unavailable, "cannot be read");
  }
  if (octets.size() > most_octets) {
    return fail(ErrorCode::bad_response, "is larger than 5 MiB");
  }
  return octets;
}

Result<std::string> read_file(const std::string& name) {
  if (name == "-") {
    return read_all(std::cin);
  }
  std::ifstream file(name, std::ios::binary);
  return file ? read_all(file) : fail(ErrorCode::unavailable, "cannot be opened");
}

bool is_file(const std::string& name) {
  std::error_code ignored;
  return name == "-" || std::filesystem::is_regular_file(name, ignored);
}

// As if it had been fetched.
Result<Batch> batch_of_file(const std::string& name) {
  const Result<std::string> octets = read_file(name);
  if (!octets) {
    return fail(octets.error());
  }
  Result<feeds::Document> document = feeds::parse_document(*octets, "");
  if (!document) {
    return fail(document.error());
  }
  return Batch{.items = std::move(document->items),
               .target = {.source = "rss",
                          .address = name,
                          .name = std::move(document->title),
                          .link = std::move(document->link)},
               .position = {},
               .format = std::move(document->format)};
}

Result<Batch> fetch(const std::string& typed, const feeds::Sources& sources, http::Client& client) {
  const Result<feeds::Target> target = feeds::resolve(sources, client, typed);
  if (!target) {
    return fail(target.error());
  }
  const feeds::Source* source = feeds::find_source(sources, target->source);
  return feeds::run(client, source->fetch(*target, {}));
}

// Those without a date stay in the order of the feed, after the others.
void order_by_time(std::vector<Item>& items) {
  std::ranges::stable_sort(items, [](const Item& left, const Item& right) {
    return left.published_at > right.published_at;
  });
}

void print(const Batch& batch, chat::Color color, std::ostream& out) {
  const feeds::Target& target = batch.target;
  out << escape_control(target.name.empty() ? target.address : target.name) << "\n"
      << (batch.format.empty() ? target.source : escape_control(batch.format)) << ", "
      << count_of(batch.items.size(), "item", "items")
      << (target.link.empty() ? "" : ", " + escape_control(target.link)) << "\n";
  const std::size_t count = std::min(shown_items, batch.items.size());
  for (std::size_t i = 0; i < count; ++i) {
    const Item& item = batch.items[i];
    // A terminal does not show previews of links, so the text has to be there.
    const chat::Message message =
        feeds::render_post({.item = item, .feed_name = target.name}, feeds::Look::text);
    out << "\n"
        << i + 1 << ". "
        << (item.published_at ? "published " + format_rfc3339(*item.published_at)
                              : std::string("without a date"))
        << "\n"
        << chat::render_terminal(message, color);
  }
}

bool is_passing(const Error& error) {
  return error.code == ErrorCode::unavailable || error.code == ErrorCode::uncertain ||
         error.code == ErrorCode::rate_limited;
}

}  // namespace

CLI::App* add_feeds_preview(CLI::App& parent, FeedPreviewOptions& options) {
  CLI::App* command = parent.add_subcommand(
      "preview", "Show the newest three items of a feed as they would be posted");
  command->add_option("feed", options.address, "Address, account or file; - is standard input")
      ->required()
      ->option_text("URL|FILE");
  command->footer(
      "Needs no account and no database. Says why what cannot be read is refused.\n"
      "What X charges for it is not counted against X_MONTHLY_BUDGET_USD; feeds test counts.\n\n"
      "Examples:\n"
      "  busy-beaver feeds preview https://isocpp.org/blog/rss\n"
      "  busy-beaver feeds preview github.com/owner/project\n"
      "  busy-beaver feeds preview feed.xml\n\n"
      "Exit codes: 0 done, 1 the other side could not be asked, 2 refused or wrong usage.");
  return command;
}

int preview_feed(const FeedPreviewOptions& options, const feeds::Sources& sources,
                 http::Client& client, std::ostream& out, std::ostream& err) {
  const std::string& address = options.address;
  Result<Batch> batch = is_file(address) ? batch_of_file(address) : fetch(address, sources, client);
  if (!batch) {
    err << "busy-beaver: " << escape_control(address) << ": "
        << escape_control(batch.error().message) << "\n";
    return is_passing(batch.error()) ? failed : refused;
  }
  order_by_time(batch->items);
  print(*batch, options.color, out);
  return done;
}

}  // namespace bb::app
