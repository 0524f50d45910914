using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;

namespace Kybernet.Scheduler.Plugins;

/// <summary>Binds through the pod's <c>binding</c> subresource.</summary>
internal sealed class DefaultBinder(PluginContext context) : IBindPlugin
{
    public const string PluginName = "DefaultBinder";

    public string Name => PluginName;

    public async ValueTask<PluginStatus> BindAsync(CycleState state, PodFacts pod, string node, CancellationToken cancellationToken)
    {
        await context.Api.BindAsync(pod, node, cancellationToken);
        return PluginStatus.Success;
    }
}
