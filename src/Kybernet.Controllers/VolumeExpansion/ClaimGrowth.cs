using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage;

namespace Kybernet.Controllers.VolumeExpansion;

/// <summary>What a claim's status says while its volume grows.</summary>
internal static class ClaimGrowth
{
    public const string Resource = "storage";
    private const string Resizing = "Resizing";

    /// <summary>Whether a bound claim asks for more than it has.</summary>
    public static bool IsWanted(PersistentVolumeClaim claim) =>
        claim.Status.Phase == ClaimPhase.Bound
        && claim.Metadata.DeletionTimestamp is null
        && claim.Spec.VolumeName is { Length: > 0 }
        && VolumeMatching.RequestOf(claim) > claim.Status.Capacity.GetValueOrDefault(Resource);

    public static PersistentVolumeClaim Begin(PersistentVolumeClaim claim, Quantity size, DateTimeOffset now) => claim with
    {
        Status = claim.Status with
        {
            AllocatedResources = new Dictionary<string, Quantity>(claim.Status.AllocatedResources) { [Resource] = size },
            AllocatedResourceStatuses = new Dictionary<string, string>(claim.Status.AllocatedResourceStatuses) { [Resource] = "ControllerResizeInProgress" },
            Conditions = [.. Others(claim), new PersistentVolumeClaimCondition { Type = Resizing, Status = "True", LastTransitionTime = now }],
        },
    };

    public static PersistentVolumeClaim End(PersistentVolumeClaim claim, Quantity size)
    {
        var statuses = new Dictionary<string, string>(claim.Status.AllocatedResourceStatuses);
        statuses.Remove(Resource);
        return claim with
        {
            Status = claim.Status with
            {
                Capacity = new Dictionary<string, Quantity>(claim.Status.Capacity) { [Resource] = size },
                AllocatedResourceStatuses = statuses,
                Conditions = [.. Others(claim)],
            },
        };
    }

    private static IEnumerable<PersistentVolumeClaimCondition> Others(PersistentVolumeClaim claim) =>
        claim.Status.Conditions.Where(static condition => condition.Type is not (Resizing or "FileSystemResizePending"));
}
