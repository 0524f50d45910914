using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage;
using Kybernet.Client;
using Kybernet.Scheduler.Framework;

namespace Kybernet.Scheduler.Plugins.Volumes;

/// <summary>Writes what was decided about a pod's claims, and waits until the binder and the provisioners have done the rest.</summary>
internal sealed class VolumeBinder(IVolumeView view, ISchedulerApi api, TimeProvider time)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(600);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    public async Task<PluginStatus> BindAsync(string node, IReadOnlyList<ClaimDecision> decisions, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var decision in decisions)
            {
                await WriteAsync(node, decision, cancellationToken);
            }
        }
        catch (ApiException exception)
        {
            return Failed(exception.Message);
        }
        var began = time.GetTimestamp();
        while (true)
        {
            var bound = 0;
            foreach (var decision in decisions)
            {
                if (view.Claim(KeyOf(decision.Claim)) is not { } claim || claim.Metadata.Uid != decision.Claim.Metadata.Uid)
                {
                    return Failed($"pvc {KeyOf(decision.Claim)} is gone");
                }
                if (IsGivenUp(decision, claim))
                {
                    return Failed($"provisioning failed for PVC \"{claim.Metadata.Name}\"");
                }
                bound += IsBound(claim) ? 1 : 0;
            }
            if (bound == decisions.Count)
            {
                return PluginStatus.Success;
            }
            if (time.GetElapsedTime(began) >= Deadline)
            {
                return Failed("timed out waiting for the condition");
            }
            await Task.Delay(Period, time, cancellationToken);
        }
    }

    private static PluginStatus Failed(string problem) => PluginStatus.Failed(new InvalidOperationException($"running PreBind plugin \"{VolumeBinding.PluginName}\": binding volumes: {problem}"));

    private static NamespacedName KeyOf(PersistentVolumeClaim claim) => new(claim.Metadata.Namespace ?? "", claim.Metadata.Name ?? "");

    private static bool IsBound(PersistentVolumeClaim claim) =>
        claim.Spec.VolumeName is { Length: > 0 } && claim.Metadata.Annotations.ContainsKey(VolumeAnnotations.BindCompleted);

    /// <summary>A provisioner that cannot make the volume on the node takes the choice back. A view that is behind does not show it yet.</summary>
    private static bool IsGivenUp(ClaimDecision decision, PersistentVolumeClaim claim) =>
        decision.Volume is null
        && !IsBound(claim)
        && !claim.Metadata.Annotations.ContainsKey(VolumeAnnotations.SelectedNode)
        && claim.Metadata.ResourceVersion != decision.Claim.Metadata.ResourceVersion;

    private async Task WriteAsync(string node, ClaimDecision decision, CancellationToken cancellationToken)
    {
        var claim = decision.Claim;
        if (decision.Volume is not { } volume)
        {
            if (claim.Metadata.Annotations.GetValueOrDefault(VolumeAnnotations.SelectedNode) != node)
            {
                await api.UpdateAsync(claim with { Metadata = claim.Metadata with { Annotations = With(claim.Metadata.Annotations, VolumeAnnotations.SelectedNode, node) } }, cancellationToken);
            }
        }
        else if (volume.Spec.ClaimRef?.Uid != claim.Metadata.Uid)
        {
            var annotations = volume.Spec.ClaimRef is null ? With(volume.Metadata.Annotations, VolumeAnnotations.BoundByController, "yes") : volume.Metadata.Annotations;
            await api.UpdateAsync(
                volume with { Metadata = volume.Metadata with { Annotations = annotations }, Spec = volume.Spec with { ClaimRef = ObjectReferences.To(claim) } }, cancellationToken);
        }
    }

    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string> annotations, string key, string value) =>
        new(annotations, StringComparer.Ordinal) { [key] = value };
}
