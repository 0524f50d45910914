using System.Net.Sockets;
using Kybernet.Kubelet.DBus;
using Kybernet.Kubelet.Nodes;
using Kybernet.Kubelet.Pods;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Shutdown;

/// <summary>
/// Ends the node's pods before the machine is shut down: the least important first, each group with its own time, and says meanwhile that the node is not
/// ready.
/// </summary>
internal sealed partial class NodeShutdown(
    IShutdownInhibitor inhibitor, ShutdownState state, PodManager pods, KubeletOptions options, NodeEvents events, TimeProvider time, ILogger<NodeShutdown> logger)
{
    private static readonly TimeSpan Reconnect = TimeSpan.FromSeconds(1);
    private static readonly StartProblem Why = new("Terminated", "Pod was terminated in response to imminent node shutdown.");

    private readonly IReadOnlyList<ShutdownPeriod> _periods = ShutdownOrder.PeriodsOf(options);

    /// <summary>Holds shutdowns up until cancelled, where that is configured.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_periods.Count == 0)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        }
        var needed = TimeSpan.FromTicks(_periods.Sum(static period => period.Grace.Ticks));
        while (true)
        {
            try
            {
                await inhibitor.RunAsync(needed, AnnounceAsync, cancellationToken);
            }
            catch (Exception exception) when (exception is DBusException or SocketException or IOException or UnauthorizedAccessException)
            {
                LogUnheld(exception.Message);
            }
            await Task.Delay(Reconnect, time, cancellationToken);
        }
    }

    private async Task AnnounceAsync(bool begins, CancellationToken cancellationToken)
    {
        LogAnnounced(begins);
        events.Normal("Shutdown", $"Shutdown manager detected shutdown {(begins ? "event" : "cancellation")}");
        state.Set(begins);
        if (begins)
        {
            await EndPodsAsync(cancellationToken);
        }
    }

    private async Task EndPodsAsync(CancellationToken cancellationToken)
    {
        var active = pods.List().Where(static pod => !PodPhase.IsFinal(pod.Status.Phase)).ToArray();
        foreach (var (period, members) in ShutdownOrder.Group(_periods, active))
        {
            if (members.Count == 0)
            {
                continue;
            }
            var ends = members.Select(pod => pods.EvictAndWaitAsync(pod.Metadata.Uid!, Why, Shorter(pod.Spec.TerminationGracePeriodSeconds, period.Grace), cancellationToken));
            try
            {
                await Task.WhenAll(ends).WaitAsync(period.Grace, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                LogLate(period.Priority, period.Grace);
            }
        }
        LogEnded();
    }

    private static TimeSpan Shorter(long? seconds, TimeSpan grace) =>
        seconds is { } own && TimeSpan.FromSeconds(own) is var asked && asked < grace ? asked : grace;

    [LoggerMessage(LogLevel.Warning, "The machine's shutdown is not held up: {Problem}")]
    private partial void LogUnheld(string problem);

    [LoggerMessage(LogLevel.Information, "The machine is shutting down: {Begins}")]
    private partial void LogAnnounced(bool begins);

    [LoggerMessage(LogLevel.Warning, "Pods of priority {Priority} and more have not all ended in {Grace}")]
    private partial void LogLate(int priority, TimeSpan grace);

    [LoggerMessage(LogLevel.Information, "The machine may shut down: its pods have had their time")]
    private partial void LogEnded();
}
