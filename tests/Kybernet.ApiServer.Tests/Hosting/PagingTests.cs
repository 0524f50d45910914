using System.Text.Json.Nodes;

namespace Kybernet.ApiServer.Tests.Hosting;

/// <summary>Lists that come in pages.</summary>
public sealed class PagingTests
{
    private const string Templates = "/api/v1/namespaces/default/podtemplates";
    private const int Count = 40;

    [Fact]
    [Trait("Conformance", "api-chunking-server-should-return-chunks-of-results-for-list-calls")]
    public async Task Pages_are_of_one_revision_and_say_how_many_are_left()
    {
        await using var server = await TestServer.StartAsync();
        await FillAsync(server);
        var names = new List<string>();
        var revision = "";

        for (var token = ""; names.Count == 0 || token.Length > 0;)
        {
            var (code, page) = await server.SendAsync(HttpMethod.Get, $"{Templates}?limit=7&continue={token}");
            Assert.Equal(200, code);
            var metadata = page!["metadata"]!;
            names.AddRange(Names(page));
            revision = revision.Length == 0 ? (string)metadata["resourceVersion"]! : revision;
            Assert.Equal(revision, (string)metadata["resourceVersion"]!);
            token = (string?)metadata["continue"] ?? "";
            Assert.Equal(Count - names.Count, (int?)metadata["remainingItemCount"] ?? 0);
        }

        Assert.Equal(Enumerable.Range(0, Count).Select(static i => $"template-{i:000}"), names);
        Assert.Equal(Count, Names((await server.SendAsync(HttpMethod.Get, Templates)).Body!).Count());
    }

    [Fact]
    [Trait("Conformance", "api-chunking-server-should-support-continue-listing-from-the-last-key-even-if-the-original-version-has-been-compacted-away")]
    public async Task A_token_that_is_too_old_is_answered_with_one_that_goes_on_with_what_there_is()
    {
        await using var server = await TestServer.StartAsync();
        await FillAsync(server);
        var (_, first) = await server.SendAsync(HttpMethod.Get, $"{Templates}?limit=10");
        await server.SendAsync(HttpMethod.Delete, $"{Templates}/template-020");
        await server.Store.CompactAsync(await server.Store.GetRevisionAsync(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);

        var (code, status) = await server.SendAsync(HttpMethod.Get, $"{Templates}?limit=10&continue={first!["metadata"]!["continue"]}");

        Assert.Equal((410, "Expired"), (code, (string)status!["reason"]!));
        Assert.Contains("use the continue token in this response", (string)status["message"]!, StringComparison.Ordinal);
        var (next, rest) = await server.SendAsync(HttpMethod.Get, $"{Templates}?limit=10&continue={status["metadata"]!["continue"]}");
        Assert.Equal(200, next);
        Assert.Equal("template-010", Names(rest!).First());
        var (_, last) = await server.SendAsync(HttpMethod.Get, $"{Templates}?continue={rest!["metadata"]!["continue"]}");
        Assert.Equal(Count - 1, Names(first).Concat(Names(rest)).Concat(Names(last!)).Distinct().Count());
    }

    private static async Task FillAsync(TestServer server)
    {
        for (var i = 0; i < Count; i++)
        {
            var (code, _) = await server.SendAsync(
                HttpMethod.Post, Templates, $$$"""{"metadata":{"name":"template-{{{i:000}}}"},"template":{"spec":{"containers":[{"name":"c","image":"i"}]} } }""");
            Assert.Equal(201, code);
        }
    }

    private static IEnumerable<string> Names(JsonNode list) => list["items"]!.AsArray().Select(static item => (string)item!["metadata"]!["name"]!);
}
