using System.Text.Json.Nodes;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.FlowControl;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Resources;
using Kybernet.ApiServer.Rest;
using Kybernet.ApiServer.Storage;
using Kybernet.ApiServer.Tests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Kybernet.ApiServer.Tests.FlowControl;

/// <summary>Priority and fairness as the objects of a server configure it.</summary>
public sealed class PriorityAndFairnessTests
{
    private const string Api = "/apis/flowcontrol.apiserver.k8s.io/v1";
    private const string Narrow = """{"metadata":{"name":"narrow"},"spec":{"type":"Limited","limited":{"nominalConcurrencyShares":1,"limitResponse":{"type":"Reject"}}}}""";

    private static readonly UserInfo Noisy = new("noisy", ["system:authenticated"]);
    private static readonly UserInfo Other = new("other", ["system:authenticated"]);

    [Fact]
    public async Task A_schema_sends_its_users_to_its_level_and_everybody_else_elsewhere()
    {
        await using var server = await TestServer.StartAsync();
        await ConfigureAsync(server);
        using var control = await ControlAsync(server, serverSeats: 20);

        using var first = await control.AdmitAsync(Get(Noisy), TestContext.Current.CancellationToken);
        using var second = await control.AdmitAsync(Get(Noisy), TestContext.Current.CancellationToken);
        using var other = await control.AdmitAsync(Get(Other), TestContext.Current.CancellationToken);

        Assert.False(first.IsRefused);
        Assert.True(second.IsRefused);
        Assert.False(other.IsRefused);
        var (_, level) = await server.SendAsync(HttpMethod.Get, $"{Api}/prioritylevelconfigurations/narrow");
        Assert.Equal((string)level!["metadata"]!["uid"]!, second.LevelUid);
        Assert.NotEqual(first.SchemaUid, other.SchemaUid);

        first.Dispose();
        using var third = await control.AdmitAsync(Get(Noisy), TestContext.Current.CancellationToken);
        Assert.False(third.IsRefused);
    }

    [Fact]
    public async Task Streams_and_masters_take_no_seats()
    {
        await using var server = await TestServer.StartAsync();
        await ConfigureAsync(server);
        using var control = await ControlAsync(server, serverSeats: 20);
        for (var i = 0; i < 50; i++)
        {
            Assert.False((await control.AdmitAsync(Get(new UserInfo("noisy", ["system:masters"])), TestContext.Current.CancellationToken)).IsRefused);
            Assert.False((await control.AdmitAsync(Get(Noisy, subresource: "log"), TestContext.Current.CancellationToken)).IsRefused);
        }
    }

    [Fact]
    public async Task A_request_whose_turn_does_not_come_is_turned_away_after_a_while()
    {
        await using var server = await TestServer.StartAsync();
        await ConfigureAsync(server, """{"type":"Queue","queuing":{"queues":4,"handSize":2,"queueLengthLimit":9}}""");
        var time = new FakeTimeProvider();
        using var control = await ControlAsync(server, serverSeats: 20, time);
        using var first = await control.AdmitAsync(Get(Noisy), TestContext.Current.CancellationToken);
        var waiting = control.AdmitAsync(Get(Noisy), TestContext.Current.CancellationToken).AsTask();
        Assert.False(waiting.IsCompleted);

        time.Advance(TimeSpan.FromSeconds(16));

        Assert.True((await waiting).IsRefused);
        var level = control.Levels.Single(static level => level.Name == "narrow");
        Assert.Equal(1, level.Counts.Of("noisy").Refused(Refusal.TimeOut));
    }

    [Fact]
    public async Task Levels_that_want_more_borrow_of_those_that_want_nothing()
    {
        await using var server = await TestServer.StartAsync();
        await ConfigureAsync(server, """{"type":"Queue","queuing":{"queues":4,"handSize":2,"queueLengthLimit":99}}""");
        var time = new FakeTimeProvider();
        using var control = await ControlAsync(server, serverSeats: 100, time);
        var level = control.Levels.Single(static level => level.Name == "narrow");
        var before = level.Limit;
        var requests = Enumerable.Range(0, 60).Select(_ => control.AdmitAsync(Get(Noisy), TestContext.Current.CancellationToken).AsTask()).ToList();
        time.Advance(TimeSpan.FromSeconds(10));

        control.Borrow();

        Assert.True(level.Limit > 5 * before, $"{before} seats became {level.Limit}");
        Assert.Equal(level.Limit, level.Look().Executing);
        Assert.InRange(control.Levels.Where(static each => !each.Settings.IsExempt).Sum(static each => each.Limit), 90, 110);
        await foreach (var admitted in Task.WhenEach(requests))
        {
            (await admitted).Dispose(); // the next ones go on
        }
    }

    [Fact]
    public async Task The_mandatory_objects_come_back_and_a_schema_without_its_level_says_so()
    {
        await using var server = await TestServer.StartAsync();
        await ConfigureAsync(server);
        await server.SendAsync(HttpMethod.Delete, $"{Api}/prioritylevelconfigurations/narrow");
        await server.SendAsync(HttpMethod.Delete, $"{Api}/flowschemas/catch-all");

        await WaitAsync(server, "noisy", static schema => Condition(schema) is ("True", "NotFound"));
        await WaitAsync(server, "catch-all", static schema => Condition(schema) is ("False", "Found"));
    }

    [Fact]
    public async Task The_simple_limits_turn_away_what_is_too_much_of_each_kind()
    {
        var control = new MaxInFlight(reading: 1, writing: 1);
        using var read = await control.AdmitAsync(Get(Noisy), TestContext.Current.CancellationToken);
        using var write = await control.AdmitAsync(Get(Noisy, verb: "create"), TestContext.Current.CancellationToken);
        using var second = await control.AdmitAsync(Get(Noisy), TestContext.Current.CancellationToken);
        Assert.Equal((false, false, true), (read.IsRefused, write.IsRefused, second.IsRefused));

        read.Dispose();
        read.Dispose();
        using var third = await control.AdmitAsync(Get(Noisy), TestContext.Current.CancellationToken);
        using var fourth = await control.AdmitAsync(Get(Noisy), TestContext.Current.CancellationToken);
        Assert.Equal((false, true), (third.IsRefused, fourth.IsRefused));
    }

    [Fact]
    public async Task What_is_counted_can_be_read()
    {
        await using var server = await TestServer.StartAsync();
        var metrics = await TextAsync(server, "/metrics");
        Assert.Contains("apiserver_flowcontrol_nominal_limit_seats{priority_level=\"workload-low\"} 245", metrics, StringComparison.Ordinal);
        var dump = await TextAsync(server, "/debug/api_priority_and_fairness/dump_priority_levels");
        Assert.StartsWith("PriorityLevelName,", dump, StringComparison.Ordinal);
        Assert.Contains("exempt,", dump, StringComparison.Ordinal);
        Assert.Contains("NextDispatchR", await TextAsync(server, "/debug/api_priority_and_fairness/dump_queues"), StringComparison.Ordinal);
    }

    private static async Task ConfigureAsync(TestServer server, string? response = null)
    {
        var level = JsonNode.Parse(Narrow)!;
        if (response is not null)
        {
            level["spec"]!["limited"]!["limitResponse"] = JsonNode.Parse(response);
        }
        Assert.Equal(201, (await server.SendAsync(HttpMethod.Post, $"{Api}/prioritylevelconfigurations", level.ToJsonString())).Code);
        const string Schema = """
            {"metadata":{"name":"noisy"},"spec":{"matchingPrecedence":20,"priorityLevelConfiguration":{"name":"narrow"},"distinguisherMethod":{"type":"ByUser"},
             "rules":[{"subjects":[{"kind":"User","user":{"name":"noisy"}}],
                       "resourceRules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"],"clusterScope":true,"namespaces":["*"]}]}]}}
            """;
        Assert.Equal(201, (await server.SendAsync(HttpMethod.Post, $"{Api}/flowschemas", Schema)).Code);
    }

    private static async Task<PriorityAndFairness> ControlAsync(TestServer server, int serverSeats, TimeProvider? time = null)
    {
        var follower = new StoreFollower(
            server.Store, EndpointRegistry.IndexedField(new StrategyRegistry()), TimeProvider.System, NullLogger<StoreFollower>.Instance);
        await follower.LoadAsync(TestContext.Current.CancellationToken);
        return new PriorityAndFairness(follower, serverSeats, time ?? TimeProvider.System);
    }

    private static ApiRequest Get(UserInfo user, string verb = "get", string subresource = "") => new()
    {
        Method = "GET",
        Path = "/api/v1/namespaces/default/pods/p",
        Query = QueryCollection.Empty,
        Info = new RequestInfo(true, verb, "/api/v1/namespaces/default/pods/p", "", "v1", "default", "pods", subresource, "p"),
        User = user,
    };

    private static (string? Status, string? Reason) Condition(JsonNode schema) =>
        schema["status"]?["conditions"] is JsonArray { Count: 1 } conditions ? ((string?)conditions[0]!["status"], (string?)conditions[0]!["reason"]) : default;

    private static async Task WaitAsync(TestServer server, string name, Func<JsonNode, bool> condition)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            var (code, schema) = await server.SendAsync(HttpMethod.Get, $"{Api}/flowschemas/{name}");
            if (code == 200 && condition(schema!))
            {
                return;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
        }
    }

    private static async Task<string> TextAsync(TestServer server, string path)
    {
        var reply = await server.Admin.SendAsync(new Client.ApiCall(HttpMethod.Get, path), TestContext.Current.CancellationToken);
        Assert.Equal(200, reply.StatusCode);
        return System.Text.Encoding.UTF8.GetString(reply.Body.Span);
    }
}
