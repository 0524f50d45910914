using Kybernet.Api;

namespace Kybernet.ApiServer.Admission;

/// <summary>A plugin that has something to say in one of the two phases only: the other is empty.</summary>
internal abstract class AdmissionPlugin : IAdmissionPlugin
{
    /// <inheritdoc/>
    public abstract bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource);

    /// <inheritdoc/>
    public virtual ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        Mutate(request);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public virtual ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        Validate(request);
        return ValueTask.CompletedTask;
    }

    /// <summary>Changes the object.</summary>
    protected virtual void Mutate(AdmissionRequest request)
    {
    }

    /// <summary>Judges the object.</summary>
    protected virtual void Validate(AdmissionRequest request)
    {
    }
}
