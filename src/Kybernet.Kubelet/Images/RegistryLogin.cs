using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Objects;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Images;

/// <summary>Finds the credentials for an image: those of the pod's pull secrets, then those that the node's own plugins give.</summary>
internal sealed class RegistryLogin(PodObjects objects, CredentialProviders providers)
{
    /// <summary>All that fit, in the order in which they are to be tried.</summary>
    public async Task<IReadOnlyList<RegistryCredentials>> FindAsync(Pod pod, string image, CancellationToken cancellationToken)
    {
        var found = new List<RegistryCredentials>();
        foreach (var reference in pod.Spec.ImagePullSecrets)
        {
            var secret = await objects.FindSecretAsync(pod.Metadata.Namespace ?? "", reference.Name ?? "", optional: true, cancellationToken);
            if (secret is not null)
            {
                found.AddRange(DockerConfiguration.Find(secret, image));
            }
        }
        found.AddRange(await providers.FindAsync(image, cancellationToken));
        return found;
    }
}
