namespace Kybernet.Kubelet.Tests.Real;

/// <summary>What is removed from the node's disk when it is full.</summary>
[Collection("real pods")]
public sealed class ImageCollectionTests(RuntimeFixture fixture)
{
    private const string Used = "kybernet.test/used:1";
    private const string Unused = "kybernet.test/unused:1";
    private const string Pinned = "kybernet.test/pinned:1";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_disk_that_is_too_full_loses_images_that_nothing_uses()
    {
        await fixture.StartAsync(Token);
        foreach (var image in (string[])[Used, Unused, Pinned])
        {
            await fixture.ImportAsync(image, Token);
        }
        // Before the images are looked at, so that the pod's counts as used.
        await using var rig = await KubeletRig.StartAsync(fixture, Token);
        await rig.CreateAsync("user", """{ "containers": [ { "name": "c", "image": "kybernet.test/used:1", "command": ["sleep", "1000"] } ] }""", Token);
        await rig.WaitReadyAsync("user", Token);
        await rig.StopAsync();

        // A disk that is never empty enough: all that may go goes, and it is told that it was not enough.
        rig.Options = rig.Options with
        {
            ImageCollectionHighPercent = 1,
            ImageCollectionLowPercent = 0,
            ImageCollectionPeriod = TimeSpan.FromMilliseconds(500),
            PinnedImages = new HashSet<string>(rig.Options.PinnedImages) { Pinned },
        };
        rig.Start();

        await WaitGoneAsync(rig, Unused);
        foreach (var image in (string[])[Pinned, Used])
        {
            Assert.NotNull(await rig.Runtime.FindImageAsync(image, Token));
        }
        await rig.WaitEventAsync("FreeDiskSpaceFailed: Failed to garbage collect required amount of images. Attempted to free ", Token);
        await rig.WaitEventAsync("ImageGCFailed: Failed to garbage collect required amount of images. ", Token);
    }

    [Fact]
    public async Task A_short_disk_loses_images_and_finished_pods_containers_before_a_pod_is_evicted()
    {
        await fixture.StartAsync(Token);
        await fixture.ImportAsync(Unused, Token);
        await using var rig = await KubeletRig.StartAsync(fixture, Token);
        await rig.CreateAsync("done", """{ "containers": [ { "name": "c", "command": ["true"] } ], "restartPolicy": "Never" }""", Token);
        await rig.CreateAsync("runs", """{ "containers": [ { "name": "c", "command": ["sleep", "1000"] } ] }""", Token);
        var done = await rig.WaitAsync("done", "Succeeded", static pod => pod.Status.Phase == "Succeeded", Token);
        await rig.WaitReadyAsync("runs", Token);
        await rig.StopAsync();

        rig.Options = rig.Options with { EvictionPeriod = TimeSpan.FromMilliseconds(500), EvictionHard = new Dictionary<string, string> { ["nodefs.available"] = "99%" } };
        rig.Start();

        var evicted = await rig.WaitAsync("runs", "evicted", static pod => pod.Status.Phase == "Failed", Token);
        Assert.StartsWith("The node was low on resource: ephemeral-storage. Threshold quantity: ", evicted.Status.Message, StringComparison.Ordinal);
        await WaitGoneAsync(rig, Unused);
        // The kubelet may not have looked at the finished pod when it first looked at the disk.
        await rig.UntilAsync(async () => (await rig.Runtime.ListContainersAsync(done.Metadata.Uid, Token)).Count == 0, "its containers go", Token);
        await rig.UntilAsync(async () => (await rig.Runtime.ListSandboxesAsync(done.Metadata.Uid, Token)).Count == 0, "its sandbox goes", Token);
        await rig.WaitEventAsync("EvictionThresholdMet: Attempting to reclaim ephemeral-storage", Token);

        // What is known of a pod that is over is not lost with them.
        await rig.StopAsync();
        rig.Start();
        await rig.CreateAsync("refused", """{ "containers": [ { "name": "c", "command": ["true"] } ] }""", Token);
        var refused = await rig.WaitAsync("refused", "refused", static pod => pod.Status.Phase == "Failed", Token);
        Assert.Equal(("Evicted", "Pod was rejected: The node had condition: [DiskPressure]. "), (refused.Status.Reason, refused.Status.Message));
        var after = (await rig.FindAsync("done", Token))!;
        Assert.Equal(("Succeeded", 0, "Completed"), (after.Status.Phase, after.Status.ContainerStatuses[0].State!.Terminated!.ExitCode, after.Status.ContainerStatuses[0].State!.Terminated!.Reason));
    }

    private static Task WaitGoneAsync(KubeletRig rig, string image) =>
        rig.UntilAsync(async () => await rig.Runtime.FindImageAsync(image, Token) is null, $"{image} goes", Token);
}
