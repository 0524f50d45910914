namespace Kybernet.Kubelet.Tests.Real;

/// <summary>Containers that have processors alone.</summary>
[Collection("real pods")]
public sealed class CpuManagerTests(RuntimeFixture fixture)
{
    private const string Alone = """
        { "containers": [ { "name": "c", "command": ["sleep", "1000"],
            "resources": { "requests": { "cpu": "1", "memory": "16Mi" }, "limits": { "cpu": "1", "memory": "16Mi" } } } ] }
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_guaranteed_container_has_its_processors_alone_and_the_others_move()
    {
        Assert.SkipUnless((await File.ReadAllTextAsync("/sys/devices/system/cpu/online", Token)).Trim() == "0-1", "its figures are of two processors");
        await using var rig = await KubeletRig.StartAsync(fixture, Token, static options => options with { CpuManagerPolicy = "static", ReservedCpus = "0" });
        await rig.CreateAsync("shares", """{ "containers": [ { "name": "c", "command": ["sleep", "1000"] } ] }""", Token);
        var shares = await rig.WaitReadyAsync("shares", Token);
        Assert.Equal("0-1", await CpusAsync(rig, shares));

        await rig.CreateAsync("alone", Alone, Token);
        var alone = await rig.WaitReadyAsync("alone", Token);
        Assert.Equal("1", await CpusAsync(rig, alone));
        await rig.UntilAsync(async () => await CpusAsync(rig, shares) == "0", "the other one leaves its processor", Token);

        await rig.CreateAsync("late", Alone, Token);
        var late = await rig.WaitAsync("late", "refused", static pod => pod.Status.Phase == "Failed", Token);
        Assert.Equal("UnexpectedAdmissionError", late.Status.Reason);
        Assert.Equal(
            "Pod was rejected: Allocate failed due to not enough cpus available to satisfy request: requested=1, available=0, which is unexpected", late.Status.Message);

        await rig.StopAsync();
        rig.Start();
        await rig.CreateAsync("again", Alone, Token);
        await rig.WaitAsync("again", "refused", static pod => pod.Status.Reason == "UnexpectedAdmissionError", Token);
        Assert.Equal(("1", "0"), (await CpusAsync(rig, alone), await CpusAsync(rig, shares)));

        await rig.DeleteAsync("alone", Token);
        await rig.UntilAsync(async () => await CpusAsync(rig, shares) == "0-1", "the other one gets its processor back", Token);
    }

    private static async Task<string> CpusAsync(KubeletRig rig, Api.Core.V1.Pod pod) =>
        (await rig.ExecAsync(pod, Token, "grep", "Cpus_allowed_list", "/proc/1/status")).Split('\t')[1].Trim();
}
