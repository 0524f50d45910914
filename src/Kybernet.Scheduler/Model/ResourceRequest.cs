namespace Kybernet.Scheduler.Model;

/// <summary>An amount of one of the resources that are not built in: huge pages, devices, extended resources.</summary>
/// <param name="Resource">The resource's number in the scheduler's table of scalar resources.</param>
/// <param name="Amount">In whole units.</param>
public readonly record struct ScalarAmount(int Resource, long Amount);

/// <summary>What a pod asks of a node, in integers.</summary>
/// <param name="MilliCpu">Thousandths of a core.</param>
/// <param name="Memory">Bytes.</param>
/// <param name="EphemeralStorage">Bytes.</param>
/// <param name="Scalars">All other resources that are asked for.</param>
public sealed record ResourceRequest(long MilliCpu, long Memory, long EphemeralStorage, IReadOnlyList<ScalarAmount> Scalars)
{
    /// <summary>Nothing.</summary>
    public static ResourceRequest None { get; } = new(0, 0, 0, []);

    /// <summary>Whether nothing is asked for: then only the number of pods is bounded.</summary>
    public bool IsEmpty { get; } = MilliCpu == 0 && Memory == 0 && EphemeralStorage == 0 && Scalars.Count == 0;

    internal ScalarAmount[] ScalarArray { get; } = [.. Scalars];
}
