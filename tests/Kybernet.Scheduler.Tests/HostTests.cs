using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Client;
using Kybernet.Client.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using Event = Kybernet.Api.Events.V1.Event;

namespace Kybernet.Scheduler.Tests;

public sealed class HostTests
{
    [Fact]
    public async Task A_pod_of_the_API_server_is_bound_and_an_event_tells_of_it()
    {
        await using var cluster = new Cluster();
        await cluster.Client.CreateAsync(Objects.Node("n1"), cluster.Token);
        cluster.Start();
        await cluster.Client.CreateAsync(Objects.Pod("p"), cluster.Token);

        await Eventually.TrueAsync(() => cluster.Bindings.ContainsKey("p") && cluster.Events().Count > 0, "a binding and its event");
        Assert.Equal("""{"kind":"Node","name":"n1"}""", cluster.Bindings["p"]["target"]!.ToJsonString());
        var told = Assert.Single(cluster.Events());
        Assert.Equal(("Normal", "Scheduled", "Binding", "default-scheduler"), (told.Type, told.Reason, told.Action, told.ReportingController));
        Assert.Equal("Successfully assigned default/p to n1", told.Note);
        Assert.Equal(("Pod", "default", "p"), (told.Regarding!.Kind, told.Regarding.Namespace, told.Regarding.Name));
    }

    [Fact]
    [Trait("Conformance", "scheduler-node-selector-not-matching")]
    public async Task A_pod_that_fits_nowhere_says_why_and_is_placed_when_a_node_comes()
    {
        await using var cluster = new Cluster();
        await cluster.Client.CreateAsync(Objects.Node("n1"), cluster.Token);
        cluster.Start();
        await cluster.Client.CreateAsync(Objects.Pod("p", """{"nodeSelector":{"disk":"ssd"}}"""), cluster.Token);
        await Eventually.TrueAsync(() => cluster.StatusPatches.ContainsKey("p"), "a condition");
        var condition = cluster.StatusPatches["p"]["status"]!["conditions"]![0]!;
        Assert.Equal("PodScheduled", (string?)condition["type"]);
        Assert.Equal("False", (string?)condition["status"]);
        Assert.Equal("Unschedulable", (string?)condition["reason"]);
        Assert.Equal(
            "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. "
            + "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
            (string?)condition["message"]);

        await cluster.Client.CreateAsync(Objects.Node("n2", labels: """{"disk":"ssd"}"""), cluster.Token);
        await Eventually.TrueAsync(() => cluster.Bindings.ContainsKey("p"), "a binding");
        Assert.Equal("n2", (string?)cluster.Bindings["p"]["target"]!["name"]);
    }

    // An API server of dictionaries that knows bindings, and a scheduler.
    private sealed class Cluster : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        private readonly FakeApi _api = new(TimeProvider.System);
        private Task _running = Task.CompletedTask;

        public Cluster()
        {
            Client = _api.Client;
            _api.Intercept = Intercept;
        }

        public ApiClient Client { get; }

        public CancellationToken Token => _stop.Token;

        public System.Collections.Concurrent.ConcurrentDictionary<string, JsonNode> Bindings { get; } = [];

        public System.Collections.Concurrent.ConcurrentDictionary<string, JsonNode> StatusPatches { get; } = [];

        public void Start() =>
            _running = new SchedulerHost(Client, new SchedulerOptions { Seed = 1 }, TimeProvider.System, NullLoggerFactory.Instance).RunAsync(_stop.Token);

        public List<Event> Events() =>
            [.. Client.ListAsync<Event>("default", ListSelection.All, Token).GetAwaiter().GetResult()];

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
            _stop.Dispose();
        }

        private ApiReply? Intercept(ApiCall call)
        {
            var parts = call.PathAndQuery.Split('/');
            if (call.Method == HttpMethod.Post && parts[^1] == "binding")
            {
                Bindings[parts[^2]] = JsonNode.Parse(call.Body.Span)!;
                return new ApiReply(201, """{"kind":"Status","apiVersion":"v1","status":"Success"}"""u8.ToArray());
            }
            if (call.Method == HttpMethod.Patch && parts[^1] == "status")
            {
                StatusPatches[parts[^2]] = JsonNode.Parse(call.Body.Span)!;
                return new ApiReply(200, ModelJson.ToUtf8(Objects.Pod(parts[^2])));
            }
            return null;
        }
    }
}
