using Kybernet.Api.Core.V1;
using Kybernet.Api.Node.V1;
using Kybernet.Client;

namespace Kybernet.Kubelet.Sandboxes;

/// <summary>Says which of the runtime's handlers a pod asks for.</summary>
internal sealed class RuntimeClasses(ApiClient client)
{
    /// <summary>The handler of the pod's RuntimeClass; empty for the runtime's default.</summary>
    /// <exception cref="ApiException">There is no such class, or the server refused.</exception>
    public async Task<string> HandlerOfAsync(Pod pod, CancellationToken cancellationToken) =>
        pod.Spec.RuntimeClassName is { Length: > 0 } name ? (await client.GetAsync<RuntimeClass>("", name, cancellationToken)).Handler : "";
}
