using Kybernet.Scheduler.Cache;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Plugins;

/// <summary>Prefers nodes that hold the pod's images; large ones count more, and those that few nodes hold count less, lest they all crowd there.</summary>
internal sealed class ImageLocality(PluginContext context) : IScorePlugin
{
    public const string PluginName = "ImageLocality";

    private const long Megabyte = 1024 * 1024;
    private const long Least = 23 * Megabyte;
    private const long MostForContainer = 1000 * Megabyte;

    private readonly Snapshot _snapshot = context.Snapshot;

    public string Name => PluginName;

    public long Score(CycleState state, PodFacts pod, NodeInfo node)
    {
        var sum = 0L;
        foreach (var (image, size) in node.Facts.Images)
        {
            foreach (var wanted in pod.Images)
            {
                if (wanted == image)
                {
                    sum += (long)(size * ((double)_snapshot.NodesWithImage(image) / _snapshot.Count));
                }
            }
        }
        var most = MostForContainer * pod.ContainerCount;
        return IScorePlugin.MaxScore * (Math.Clamp(sum, Least, most) - Least) / (most - Least);
    }
}
