using Kybernet.Cluster.Images;
using Kybernet.Cluster.Processes;

namespace Kybernet.Cluster.Node;

/// <summary>What a kubelet needs on this machine before it can run a pod: containerd, a network for pods, and the images that come along.</summary>
internal sealed class NodeRuntime(DataDirectory data, ClusterNetwork network, IStepReporter steps, TimeProvider time)
{
    /// <summary>The programs that a node is made of.</summary>
    private static readonly string[] Tools = ["containerd", "ctr", "containerd-shim-runc-v2", "runc", "nft", "ip", "bridge", "conntrack", "setsid", "catatonit", "busybox"];

    private readonly Containerd _containerd = new(data, time);

    /// <summary>Names the first program that is missing.</summary>
    /// <exception cref="ClusterException">One is.</exception>
    public static void CheckTools()
    {
        foreach (var tool in Tools)
        {
            Tool.Find(tool);
        }
    }

    /// <summary>Brings everything up, or finds that it is.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // containerd reads the network's configuration when it starts.
        await steps.RunAsync(time, "pod network", async () =>
        {
            await new PodNetwork(data, network, HostNetwork.NodeAddress()).PrepareAsync(cancellationToken);
            return network.Mode is null ? $"left to the configuration in {data.CniConfiguration}" : $"{network.PodCidr}, {ClusterNetwork.NameOf(network.Mode)}";
        });
        await steps.RunAsync(time, "containerd", async () =>
            await _containerd.StartAsync(cancellationToken) ? "found running, with its containers" : "started");
        await steps.RunAsync(time, "images", () => ProvideImagesAsync(cancellationToken));
    }

    private async Task<string> ProvideImagesAsync(CancellationToken cancellationToken)
    {
        var present = await _containerd.ListImagesAsync(cancellationToken);
        var recipes = await BuiltInImages.DigestRecipesAsync(cancellationToken);
        var areCurrent = File.Exists(data.ImageRecipes) && await File.ReadAllTextAsync(data.ImageRecipes, cancellationToken) == recipes;
        var wanted = BuiltInImages.Names.Where(name => !areCurrent || !present.Contains(name)).ToList();
        if (wanted.Count == 0)
        {
            return $"{present.Count(static name => !name.StartsWith("sha256:", StringComparison.Ordinal))} present";
        }

        foreach (var image in await new BuiltInImages(new OciImageBuilder(time)).BuildAsync(data.Images, cancellationToken))
        {
            await _containerd.ImportAsync(image.Archive, cancellationToken);
        }
        // Last: a start that was cut short makes them again.
        await File.WriteAllTextAsync(data.ImageRecipes, recipes, cancellationToken);
        return $"made {string.Join(", ", wanted)}";
    }
}
