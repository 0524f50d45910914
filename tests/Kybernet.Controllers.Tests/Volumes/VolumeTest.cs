using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Storage.V1;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests.Volumes;

/// <summary>Volumes, claims and classes on the real API server.</summary>
public abstract class VolumeTest : OnServerTest
{
    private protected static PersistentVolume Volume(string name, string size, string? storageClass = "manual") => new()
    {
        Metadata = new ObjectMeta { Name = name },
        Spec = new PersistentVolumeSpec
        {
            AccessModes = ["ReadWriteOnce"],
            Capacity = new Dictionary<string, Quantity> { ["storage"] = Quantity.Parse(size) },
            HostPath = new HostPathVolumeSource { Path = "/tmp/" + name },
            PersistentVolumeReclaimPolicy = "Retain",
            StorageClassName = storageClass,
        },
    };

    private protected static PersistentVolumeClaim Claim(string name, string size, string? storageClass = "manual") => new()
    {
        Metadata = new ObjectMeta { Namespace = "a", Name = name },
        Spec = new PersistentVolumeClaimSpec
        {
            AccessModes = ["ReadWriteOnce"],
            Resources = new VolumeResourceRequirements { Requests = new Dictionary<string, Quantity> { ["storage"] = Quantity.Parse(size) } },
            StorageClassName = storageClass,
        },
    };

    private protected static StorageClass Class(string name, string provisioner, string mode = "Immediate") =>
        new() { Metadata = new ObjectMeta { Name = name }, Provisioner = provisioner, ReclaimPolicy = "Delete", VolumeBindingMode = mode };

    private protected static Pod PodWith(string name, Volume volume) => new()
    {
        Metadata = new ObjectMeta { Namespace = "a", Name = name },
        Spec = new PodSpec { Containers = [new Container { Name = "c", Image = "good" }], Volumes = [volume] },
    };

    private protected static Volume ByClaim(string claim) =>
        new() { Name = "data", PersistentVolumeClaim = new PersistentVolumeClaimVolumeSource { ClaimName = claim } };

    private protected Task CreateAsync(PersistentVolume volume) => Client.CreateAsync(volume, Cancellation);

    private protected Task CreateAsync(PersistentVolumeClaim claim) => Client.CreateAsync(claim, Cancellation);

    private protected Task AvailableAsync(string name) => PhaseAsync(name, "Available");

    private protected Task PhaseAsync(string volume, string phase) =>
        Eventually.TrueAsync(() => Find<PersistentVolume>("", volume)?.Status.Phase == phase, $"{volume} is {phase}");

    private protected async Task<PersistentVolumeClaim> BoundAsync(string claim, string volume)
    {
        await Eventually.TrueAsync(
            () => Find<PersistentVolumeClaim>("a", claim) is { Status.Phase: "Bound" } found && found.Spec.VolumeName == volume, $"{claim} has {volume}");
        await PhaseAsync(volume, "Bound");
        return Find<PersistentVolumeClaim>("a", claim)!;
    }

    private protected Task EventAsync(string reason, string message) => Eventually.TrueAsync(() => HasEvent(reason, message), $"the event {reason}: {message}");

    private protected Task DeleteClaimAsync(string name) => Client.DeleteAsync<PersistentVolumeClaim>("a", name, DeleteOptions.Empty, Cancellation);
}
