using System.Globalization;
using Kybernet.ApiServer.Tests.Hosting;
using Kybernet.Client;

namespace Kybernet.ApiServer.Tests.Fuzzing;

/// <summary>
/// Bad requests of every sort against the whole server: each is answered, by what the client did wrong, and the server goes on as before.
/// <c>KYBERNET_FUZZ_REQUESTS</c> and <c>KYBERNET_FUZZ_SEED</c> make it run longer, and otherwise.
/// </summary>
public sealed class FuzzTests
{
    private const int Seed = 20261123;
    private const int Requests = 2000;
    private const int LongestReport = 1500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Good_requests_succeed()
    {
        await using var server = await StartAsync();
        foreach (var request in Corpus.All.Where(static request => request.Query.All(static parameter => parameter.Key != "continue") && request.ContentType != "application/yaml"))
        {
            var (code, body) = await SendAsync(server, request);
            Assert.True(code is < 400 or 404 or 409 or 410 || (code == 422 && request.Path.EndsWith("certificatesigningrequests", StringComparison.Ordinal)) || request.Path.EndsWith("widgets", StringComparison.Ordinal), $"{code} {body}\n{request}");
        }
    }

    [Fact]
    public async Task Bad_requests_are_answered_as_such_and_nothing_breaks()
    {
        var seed = FromEnvironment("KYBERNET_FUZZ_SEED", Seed);
        var mutator = new Mutator(seed);
        await using var server = await StartAsync();
        var refused = 0;
        var wrong = new List<string>();
        for (var i = FromEnvironment("KYBERNET_FUZZ_REQUESTS", Requests); i > 0; i--)
        {
            var request = mutator.Next(Corpus.All);
            var (code, body) = await SendAsync(server, request);
            if (code is < 200 or >= 500)
            {
                wrong.Add($"{code} {body}\n{request}");
            }
            refused += code >= 400 ? 1 : 0;
        }

        Assert.True(wrong.Count == 0, $"seed {seed}:\n{string.Join("\n\n", wrong.Select(static each => each[..Math.Min(each.Length, LongestReport)]))}");
        Assert.True(refused > 0);
        var (alive, _) = await server.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"alive"},"data":{"k":"v"}}""");
        Assert.Equal(201, alive);
    }

    private static async Task<TestServer> StartAsync()
    {
        var server = await TestServer.StartAsync();
        foreach (var request in Corpus.First)
        {
            var (code, body) = await SendAsync(server, request);
            Assert.True(code == 201, $"{code} {body}\n{request}");
        }
        return server;
    }

    private static async Task<(int Code, string Body)> SendAsync(TestServer server, FuzzRequest request)
    {
        var call = new ApiCall(new HttpMethod(request.Method), request.PathAndQuery) { Body = request.Body, ContentType = request.ContentType };
        try
        {
            var reply = await server.Admin.SendAsync(call, TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
            return (reply.StatusCode, System.Text.Encoding.UTF8.GetString(reply.Body.Span));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return (0, exception.ToString());
        }
    }

    private static int FromEnvironment(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
