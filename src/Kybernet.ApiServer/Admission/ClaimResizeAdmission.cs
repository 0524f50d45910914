using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Storage;
using Kybernet.Api.Storage.V1;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Storage;
using GroupResource = Kybernet.Api.GroupResource;

namespace Kybernet.ApiServer.Admission;

/// <summary>Lets claims grow that are bound, and whose storage class says that its volumes can.</summary>
internal sealed class ClaimResizeAdmission(StoreFollower follower) : AdmissionPlugin
{
    private readonly ResourceCache _classes = follower.Cache(new GroupResource("storage.k8s.io", "storageclasses"));

    /// <inheritdoc/>
    public override bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource) =>
        operation == AdmissionOperation.Update && resource is { Group: "", Resource: "persistentvolumeclaims" } && subresource.Length == 0;

    /// <inheritdoc/>
    protected override void Validate(AdmissionRequest request)
    {
        if (request.Object is not { } changed || request.Previous?.As<PersistentVolumeClaim>() is not { } previous
            || VolumeMatching.RequestOf(ModelJson.Parse<PersistentVolumeClaim>(changed)) <= VolumeMatching.RequestOf(previous))
        {
            return;
        }
        if (previous.Status.Phase != ClaimPhase.Bound)
        {
            throw Forbidden(request, "Only bound persistent volume claims can be expanded");
        }
        if (_classes.Find("", StorageClasses.ClassOf(previous))?.As<StorageClass>().AllowVolumeExpansion != true)
        {
            throw Forbidden(request, "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");
        }
    }

    private static ApiError Forbidden(AdmissionRequest request, string why) => ApiError.Forbidden(request.Resource.GroupResource, request.Name, why);
}
