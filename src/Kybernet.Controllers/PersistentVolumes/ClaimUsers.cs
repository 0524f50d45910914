using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage;
using Kybernet.Client;

namespace Kybernet.Controllers.PersistentVolumes;

/// <summary>Finds the pods that use a claim.</summary>
internal static class ClaimUsers
{
    public const string Index = "claims";

    public static void AddIndex(IInformer<Pod> pods) =>
        pods.AddIndex(Index, static pod => PodClaims.NamesOf(pod).Select(name => $"{pod.Metadata.Namespace}/{name}"));

    public static string KeyOf(PersistentVolumeClaim claim) => $"{claim.Metadata.Namespace}/{claim.Metadata.Name}";
}
