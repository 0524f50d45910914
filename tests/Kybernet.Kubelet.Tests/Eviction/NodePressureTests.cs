using Kybernet.Kubelet.Eviction;

namespace Kybernet.Kubelet.Tests.Eviction;

public sealed class NodePressureTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_hard_threshold_counts_at_once_and_its_condition_for_some_time_after()
    {
        var pressure = Pressure(new() { EvictionHard = Map("memory.available", "100") });

        Assert.Equal(["memory.available"], Look(pressure, EvictionSignal.Memory, 99, seconds: 0));
        Assert.Equal(["MemoryPressure"], pressure.Conditions);
        Assert.Empty(Look(pressure, EvictionSignal.Memory, 100, seconds: 10));
        Assert.Equal(["MemoryPressure"], pressure.Conditions);
        Assert.Empty(Look(pressure, EvictionSignal.Memory, 100, seconds: 300));
        Assert.Empty(pressure.Conditions);
    }

    [Fact]
    public void A_soft_threshold_counts_after_its_grace_and_only_if_it_was_met_all_the_time()
    {
        var pressure = Pressure(new() { EvictionSoft = Map("nodefs.available", "50%"), EvictionSoftGrace = Map("nodefs.available", "1m30s") });

        Assert.Empty(Look(pressure, EvictionSignal.NodeDisk, 499, seconds: 0));
        Assert.Equal(["DiskPressure"], pressure.Conditions);
        Assert.Empty(Look(pressure, EvictionSignal.NodeDisk, 500, seconds: 60));
        Assert.Empty(Look(pressure, EvictionSignal.NodeDisk, 499, seconds: 90));
        Assert.Empty(Look(pressure, EvictionSignal.NodeDisk, 499, seconds: 179));
        Assert.Equal(["nodefs.available"], Look(pressure, EvictionSignal.NodeDisk, 499, seconds: 180));
    }

    [Fact]
    public void What_was_short_has_enough_when_the_minimum_is_reclaimed_on_top()
    {
        var pressure = Pressure(new() { EvictionHard = Map("pid.available", "100"), EvictionMinimumReclaim = Map("pid.available", "5%") });

        Assert.Empty(Look(pressure, EvictionSignal.Pids, 120, seconds: 0));
        Assert.Equal(["pid.available"], Look(pressure, EvictionSignal.Pids, 99, seconds: 10));
        Assert.Equal(["pid.available"], Look(pressure, EvictionSignal.Pids, 149, seconds: 20));
        Assert.Empty(Look(pressure, EvictionSignal.Pids, 150, seconds: 30));
        Assert.Empty(Look(pressure, EvictionSignal.Pids, 120, seconds: 40));
    }

    [Fact]
    public void Memory_comes_first_and_the_hard_threshold_before_the_soft_one()
    {
        var pressure = Pressure(new()
        {
            EvictionHard = new Dictionary<string, string> { ["nodefs.available"] = "10%", ["memory.available"] = "10%" },
            EvictionSoft = Map("memory.available", "20%"),
            EvictionSoftGrace = Map("memory.available", "0s"),
        });

        var pressing = pressure.Look(new Dictionary<EvictionSignal, Supply> { [EvictionSignal.NodeDisk] = new(0, 1000), [EvictionSignal.Memory] = new(0, 1000) }, Start);

        Assert.Equal([("memory.available", false), ("memory.available", true), ("nodefs.available", false)], pressing.Select(static one => (one.Signal.Name, one.Grace is not null)));
        Assert.Equal(["DiskPressure", "MemoryPressure"], pressure.Conditions);
    }

    private static Dictionary<string, string> Map(string signal, string value) => new() { [signal] = value };

    private static IEnumerable<string> Look(NodePressure pressure, EvictionSignal signal, long available, int seconds) =>
        pressure.Look(new Dictionary<EvictionSignal, Supply> { [signal] = new(available, 1000) }, Start.AddSeconds(seconds)).Select(static threshold => threshold.Signal.Name);

    private static NodePressure Pressure(Thresholds thresholds) => new(EvictionThreshold.Of(thresholds.ToOptions()), TimeSpan.FromMinutes(5));
}
