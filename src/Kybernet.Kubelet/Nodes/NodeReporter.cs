using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Kubelet.Admission;
using Kybernet.Kubelet.Eviction;
using Kybernet.Kubelet.Runtime;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Nodes;

/// <summary>
/// Registers the Node and keeps its status true: looked at every few seconds, written where it changed, and every five minutes in any case. That the
/// node lives is said by its Lease.
/// </summary>
internal sealed partial class NodeReporter(
    ApiClient client,
    IContainerRuntime runtime,
    NodeStatusBuilder builder,
    NodeGuards guards,
    NodeEvents events,
    KubeletOptions options,
    Func<int> port,
    Func<IReadOnlyList<string>> volumesInUse,
    TimeProvider time,
    ILogger logger)
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);

    private readonly WakeSignal _changed = new();
    private readonly TaskCompletionSource<Node> _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset _reported;
    private NodeStatus? _last;
    private string _podCidr = "";

    /// <summary>Completes with the Node when it is registered.</summary>
    public Task<Node> Registered => _registered.Task;

    /// <summary>Reports until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        guards.Shutdown.Changed += _changed.Wake;
        events.Normal("Starting", "Starting kubelet.");
        while (true)
        {
            var wait = options.NodeStatusPeriod;
            try
            {
                await ReportAsync(cancellationToken);
                // Until it is ready someone waits for it.
                wait = IsReady(_last) ? wait : RetryAfter;
            }
            catch (Exception exception) when (exception is ApiException or ApiUnavailableException)
            {
                LogFailed(exception.Message);
                wait = RetryAfter;
            }
            await _changed.WaitAsync(wait, time, cancellationToken);
        }
    }

    private static bool IsReady(NodeStatus? status) => status is not null && status.Conditions.Any(condition => condition is { Type: "Ready", Status: "True" });

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var node = await client.FindAsync<Node>("", options.NodeName, cancellationToken);
        if (node is null)
        {
            var status = await BuildAsync(new NodeStatus(), now, cancellationToken);
            node = await client.CreateAsync(NewNode(status), cancellationToken);
            LogRegistered(options.NodeName);
        }
        else if (!_registered.Task.IsCompleted)
        {
            await AddLabelsAsync(node, cancellationToken);
        }
        await FollowPodCidrAsync(node, cancellationToken);

        var wanted = await BuildAsync(node.Status, now, cancellationToken);
        if (_last is null || now - _reported >= ReportEvery || HasChanged(node.Status, wanted))
        {
            await WriteAsync(node, wanted, cancellationToken);
            _reported = now;
        }
        events.Changed(_last?.Conditions ?? [], wanted.Conditions);
        _last = wanted;
        _registered.TrySetResult(node);
    }

    private Node NewNode(NodeStatus status) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = options.NodeName,
            Labels = builder.Labels(),
            Annotations = new Dictionary<string, string> { ["volumes.kubernetes.io/controller-managed-attach-detach"] = "true" },
        },
        Spec = new NodeSpec
        {
            PodCIDR = options.PodCidr.Length > 0 ? options.PodCidr : null,
            PodCIDRs = options.PodCidr.Length > 0 ? [options.PodCidr] : [],
            Taints = options.Taints,
        },
        Status = status,
    };

    private async Task AddLabelsAsync(Node node, CancellationToken cancellationToken)
    {
        var missing = new JsonObject();
        foreach (var (name, value) in builder.Labels())
        {
            if (!node.Metadata.Labels.TryGetValue(name, out var current) || current != value)
            {
                missing[name] = JsonValue.Create(value);
            }
        }
        if (missing.Count > 0)
        {
            var patch = Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["labels"] = missing } });
            await client.PatchAsync<Node>("", options.NodeName, "", patch, cancellationToken);
        }
    }

    private async Task FollowPodCidrAsync(Node node, CancellationToken cancellationToken)
    {
        var cidr = node.Spec.PodCIDR ?? options.PodCidr;
        if (cidr.Length == 0 || cidr == _podCidr)
        {
            return;
        }
        try
        {
            await runtime.SetPodCidrAsync(cidr, cancellationToken);
            _podCidr = cidr;
        }
        catch (ContainerRuntimeException exception)
        {
            LogRuntime(exception.Message);
        }
    }

    private async Task<NodeStatus> BuildAsync(NodeStatus old, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var version = new RuntimeVersion("containerd", "Unknown");
        IReadOnlyList<ImageRecord> images = [];
        RuntimeHealth? health = null;
        var problem = "";
        try
        {
            version = await runtime.GetVersionAsync(cancellationToken);
            health = await runtime.GetHealthAsync(cancellationToken);
            images = await runtime.ListImagesAsync(cancellationToken);
        }
        catch (ContainerRuntimeException exception)
        {
            problem = exception.Message;
        }
        var observation = new NodeObservation(
            health, problem, Has(EvictionSignal.MemoryPressure), Has(EvictionSignal.DiskPressure), Has(EvictionSignal.PidPressure))
        {
            IsShuttingDown = guards.Shutdown.IsShuttingDown,
        };
        return builder.Build(old, observation, version, images, port(), now) with { VolumesInUse = volumesInUse() };
    }

    private bool Has(string condition) => guards.Pressure.Conditions.Contains(condition);

    // The time of the last look is no change.
    private static bool HasChanged(NodeStatus old, NodeStatus wanted) => !ModelJson.Same(WithoutHeartbeats(old), WithoutHeartbeats(wanted));

    private static NodeStatus WithoutHeartbeats(NodeStatus status) =>
        status with { Conditions = status.Conditions.Select(condition => condition with { LastHeartbeatTime = null }).ToArray() };

    private async Task WriteAsync(Node node, NodeStatus wanted, CancellationToken cancellationToken)
    {
        // A strategic patch of what the kubelet knows: conditions and addresses merge by type, and others' stay.
        var status = ModelJson.ToTree(wanted with { VolumesAttached = [] });
        status["addresses"]!.AsArray().Insert(0, new JsonObject { ["$patch"] = JsonValue.Create("replace") });
        if (wanted.VolumesInUse.Count == 0)
        {
            status["volumesInUse"] = null;
        }
        await client.PatchAsync<Node>("", options.NodeName, "status", Patch.Strategic(new JsonObject { ["status"] = status }), cancellationToken);
        if (IsReady(wanted) != IsReady(node.Status))
        {
            LogReadiness(options.NodeName, IsReady(wanted));
        }
    }

    [LoggerMessage(LogLevel.Information, "Node {Node} is registered")]
    private partial void LogRegistered(string node);

    [LoggerMessage(LogLevel.Information, "Node {Node} is ready: {IsReady}")]
    private partial void LogReadiness(string node, bool isReady);

    [LoggerMessage(LogLevel.Warning, "The node's status could not be written: {Problem}")]
    private partial void LogFailed(string problem);

    [LoggerMessage(LogLevel.Warning, "The container runtime does not take the pod network: {Problem}")]
    private partial void LogRuntime(string problem);
}
