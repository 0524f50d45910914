using System.Globalization;
using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.StatefulSets;

/// <summary>
/// The claims of a StatefulSet's pods: made before their pod, kept beyond it, and given to whoever takes them along when deleted, as the retention policy
/// says: the set, the pod that is scaled away, or nobody.
/// </summary>
internal sealed class StatefulClaims(ApiClient client, ILister<PersistentVolumeClaim> claims, IEventRecorder events)
{
    public static string NameOf(StatefulSet set, PersistentVolumeClaim template, int ordinal) =>
        string.Create(CultureInfo.InvariantCulture, $"{template.Metadata.Name}-{set.Metadata.Name}-{ordinal}");

    /// <summary>Whether a claim still belongs to a former pod of the name: it is about to be deleted with it, and a new pod must not use it.</summary>
    public bool AreStale(StatefulSet set, Pod pod, int ordinal)
    {
        foreach (var claim in Existing(set, ordinal))
        {
            foreach (var owner in claim.Metadata.OwnerReferences)
            {
                if (owner.Kind == "Pod" && owner.Name == pod.Metadata.Name && owner.Uid != pod.Metadata.Uid)
                {
                    return true;
                }
            }
        }
        return false;
    }

    /// <summary>Makes the claims that a pod lacks.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public async Task CreateMissingAsync(StatefulSet set, int ordinal, CancellationToken cancellationToken)
    {
        foreach (var template in set.Spec.VolumeClaimTemplates)
        {
            var claim = Describe(set, template, ordinal);
            if (claims.Get(claim.Metadata.Key()) is not { } existing)
            {
                await CreateAsync(set, claim, ordinal, cancellationToken);
            }
            else if (existing.Metadata.DeletionTimestamp is not null)
            {
                throw new ApiException(new Status { Code = 409, Reason = "Conflict", Message = $"pvc {existing.Metadata.Name} is being deleted" });
            }
        }
    }

    /// <summary>Gives the claims of an ordinal to whom the retention policy says.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public async Task ApplyRetentionAsync(StatefulSet set, Pod pod, int ordinal, CancellationToken cancellationToken)
    {
        foreach (var claim in Existing(set, ordinal))
        {
            var owners = Owners(set, pod, ordinal, claim.Metadata.OwnerReferences);
            if (!SameOwners(owners, claim.Metadata.OwnerReferences))
            {
                await client.UpdateAsync(claim with { Metadata = claim.Metadata with { OwnerReferences = owners } }, cancellationToken);
            }
        }
    }

    private static bool SameOwners(IReadOnlyList<OwnerReference> left, IReadOnlyList<OwnerReference> right) =>
        left.Count == right.Count && left.All(owner => right.Any(other => other.Uid == owner.Uid && other.Kind == owner.Kind));

    private static List<OwnerReference> Owners(StatefulSet set, Pod pod, int ordinal, IReadOnlyList<OwnerReference> present)
    {
        var policy = set.Spec.PersistentVolumeClaimRetentionPolicy;
        var isCondemned = ordinal < set.Start() || ordinal >= set.Start() + set.Wanted();
        List<OwnerReference> owners = [.. present.Where(owner => owner.Uid != set.Metadata.Uid && owner.Uid != pod.Metadata.Uid)];
        if (isCondemned && policy?.WhenScaled == StatefulSetNames.Delete)
        {
            owners.Add(OwnerReferences.ControllerOf(pod));
        }
        else if (policy?.WhenDeleted == StatefulSetNames.Delete)
        {
            owners.Add(OwnerReferences.ControllerOf(set));
        }
        return owners;
    }

    private IEnumerable<PersistentVolumeClaim> Existing(StatefulSet set, int ordinal)
    {
        foreach (var template in set.Spec.VolumeClaimTemplates)
        {
            if (claims.Get(new NamespacedName(set.Metadata.Namespace!, NameOf(set, template, ordinal))) is { } claim)
            {
                yield return claim;
            }
        }
    }

    private static PersistentVolumeClaim Describe(StatefulSet set, PersistentVolumeClaim template, int ordinal)
    {
        var labels = new Dictionary<string, string>(template.Metadata.Labels, StringComparer.Ordinal);
        foreach (var (key, value) in set.Spec.Selector.MatchLabels)
        {
            labels[key] = value;
        }
        return new PersistentVolumeClaim
        {
            Metadata = new ObjectMeta
            {
                Name = NameOf(set, template, ordinal),
                Namespace = set.Metadata.Namespace,
                Labels = labels,
                Annotations = template.Metadata.Annotations,
            },
            Spec = template.Spec,
        };
    }

    private async Task CreateAsync(StatefulSet set, PersistentVolumeClaim claim, int ordinal, CancellationToken cancellationToken)
    {
        var subject = $"Claim {claim.Metadata.Name} Pod {StatefulPods.NameOf(set, ordinal)} in StatefulSet {set.Metadata.Name}";
        try
        {
            await client.CreateAsync(claim, cancellationToken);
            events.Record(set, EventType.Normal, "SuccessfulCreate", $"create {subject} success");
        }
        catch (ApiException exception) when (exception.IsAlreadyExists)
        {
            // made a moment ago: only the cache does not show it yet
        }
        catch (ApiException exception)
        {
            events.Record(set, EventType.Warning, "FailedCreate", $"create {subject} failed error: {exception.Message}");
            throw;
        }
    }
}
