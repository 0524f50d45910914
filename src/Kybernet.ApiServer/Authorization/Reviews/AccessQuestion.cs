using Kybernet.Api.Authorization.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Authorization.Reviews;

/// <summary>What an access review asks, as the request that it stands for.</summary>
internal static class AccessQuestion
{
    /// <summary>The request that is asked about.</summary>
    public static RequestInfo Of(ResourceAttributes? resource, NonResourceAttributes? path) => resource is not null
        ? new RequestInfo(
            true,
            resource.Verb ?? "",
            "",
            resource.Group ?? "",
            string.IsNullOrEmpty(resource.Version) ? "*" : resource.Version,
            resource.Namespace ?? "",
            resource.Resource ?? "",
            resource.Subresource ?? "",
            resource.Name ?? "")
        : new RequestInfo(false, path?.Verb ?? "", path?.Path ?? "");

    /// <summary>Says what is wrong with the question's form: it is about a resource or about a path.</summary>
    public static void Validate(ResourceAttributes? resource, NonResourceAttributes? path, FieldErrors errors)
    {
        var spec = FieldPath.Of("spec");
        if (resource is not null && path is not null)
        {
            errors.Invalid(spec.Child("nonResourceAttributes"), path, "cannot be specified in combination with resourceAttributes");
        }
        if (resource is null && path is null)
        {
            errors.Invalid(spec.Child("resourceAttributes"), null, "exactly one of nonResourceAttributes or resourceAttributes must be specified");
        }
    }
}
