using Kybernet.Api;

namespace Kybernet.ApiServer.Admission;

/// <summary>The admission plugins, in order.</summary>
internal sealed class AdmissionChain(IReadOnlyList<IAdmissionPlugin> plugins)
{
    /// <summary>Whether any plugin looks at such a request.</summary>
    public bool Concerns(AdmissionOperation operation, GroupVersionResource resource, string subresource)
    {
        foreach (var plugin in plugins)
        {
            if (plugin.Handles(operation, resource, subresource))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Lets every plugin change the object.</summary>
    public async ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        foreach (var plugin in plugins)
        {
            if (plugin.Handles(request.Operation, request.Resource, request.Subresource))
            {
                await plugin.MutateAsync(request, cancellationToken);
            }
        }
    }

    /// <summary>Lets every plugin judge the object.</summary>
    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        foreach (var plugin in plugins)
        {
            if (plugin.Handles(request.Operation, request.Resource, request.Subresource))
            {
                await plugin.ValidateAsync(request, cancellationToken);
            }
        }
    }
}
