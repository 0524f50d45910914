using Kybernet.Api.Core.V1;

namespace Kybernet.Kubelet.Shutdown;

/// <summary>In which order pods end when the machine is shut down.</summary>
internal static class ShutdownOrder
{
    private const int SystemCriticalPriority = 2_000_000_000;

    /// <summary>The periods that are configured, the least important pods' first; none where shutdowns are not held up.</summary>
    public static IReadOnlyList<ShutdownPeriod> PeriodsOf(KubeletOptions options)
    {
        if (options.ShutdownPeriods.Count > 0)
        {
            return [.. options.ShutdownPeriods.OrderBy(static period => period.Priority)];
        }
        var critical = options.ShutdownGraceCritical;
        return options.ShutdownGrace == TimeSpan.Zero || critical > options.ShutdownGrace
            ? []
            : [new ShutdownPeriod(0, options.ShutdownGrace - critical), new ShutdownPeriod(SystemCriticalPriority, critical)];
    }

    /// <summary>The pods of each period, in its order. Who is of less priority than any is of the first.</summary>
    public static IReadOnlyList<(ShutdownPeriod Period, IReadOnlyList<Pod> Pods)> Group(IReadOnlyList<ShutdownPeriod> periods, IReadOnlyList<Pod> pods)
    {
        var groups = pods.ToLookup(pod => Math.Max(0, periods.Count(period => period.Priority <= (pod.Spec.Priority ?? 0)) - 1));
        return [.. periods.Select((period, i) => (period, (IReadOnlyList<Pod>)[.. groups[i]]))];
    }
}
