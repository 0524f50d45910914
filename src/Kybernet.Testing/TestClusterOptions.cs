using Kybernet.ApiServer.Hosting;
using Kybernet.Testing.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kybernet.Testing;

/// <summary>What a <see cref="TestCluster"/> is made of. Without any of it: an API server, and the controllers that every API server needs.</summary>
public sealed record TestClusterOptions
{
    /// <summary>Which controllers run, by the names that kube-controller-manager's <c>--controllers</c> knows; <see cref="TestControllers"/> has the usual sets.</summary>
    public IReadOnlyList<string> Controllers { get; init; } = TestControllers.Core;

    /// <summary>Whether the scheduler runs. Pods need it, and a node, to go further than <c>Pending</c>.</summary>
    public bool Scheduler { get; init; }

    /// <summary>The nodes that are there from the beginning; <see cref="TestCluster.AddNodeAsync"/> makes others.</summary>
    public IReadOnlyList<HollowNodeOptions> Nodes { get; init; } = [];

    /// <summary>The clock of everything in the cluster: give a fake one, and leases, time-outs, CronJobs and back-offs move when the test says so.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How long <see cref="TestCluster.WaitForAsync{T}(string, string, Func{T, bool}, TimeSpan?, CancellationToken, string)"/> waits unless told otherwise. Real time, whatever the clock.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many of the newest requests are remembered.</summary>
    public int RememberedRequests { get; init; } = 10_000;

    /// <summary>Changes what the API server is told, such as its admission configuration.</summary>
    public Func<ApiServerOptions, ApiServerOptions>? ConfigureApiServer { get; init; }

    /// <summary>Where the cluster's components log; nowhere unless given.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
