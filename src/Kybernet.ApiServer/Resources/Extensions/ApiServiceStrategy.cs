using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Apiregistration.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Aggregation;

namespace Kybernet.ApiServer.Resources.Extensions;

/// <summary>APIServices: who serves which group and version.</summary>
internal sealed class ApiServiceStrategy : DefaultStrategy
{
    private static readonly FieldPath Spec = FieldPath.Of("spec");

    /// <inheritdoc/>
    public override TableDefinition Table => ExtensionTables.ApiServices;

    /// <inheritdoc/>
    public override bool HasGeneration => false;

    /// <inheritdoc/>
    public override string? ValidateName(string name) => NameRules.PathSegment(name) is [var problem, ..] ? problem : null;

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject item, WriteContext context)
    {
        // What is served here is available at once.
        if (item["spec"]?["service"] is null)
        {
            item["status"] = JsonNode.Parse(ModelJson.ToUtf8(Availability.Local.In(APIServiceStatus.Empty, context.Now)));
        }
    }

    /// <inheritdoc/>
    public override void ValidateCreate(EncodedObject item, FieldErrors errors) => Validate(item.As<APIService>(), errors);

    /// <inheritdoc/>
    public override void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors) => Validate(item.As<APIService>(), errors);

    private static void Validate(APIService service, FieldErrors errors)
    {
        var (spec, group, version) = (service.Spec, service.Spec.Group ?? "", service.Spec.Version ?? "");
        var name = $"{version}.{group}";
        if (service.Metadata.Name != name)
        {
            errors.Invalid(FieldPath.Of("metadata").Child("name"), service.Metadata.Name, $"must be `spec.version+\".\"+spec.group`: \"{name}\"");
        }
        if (group.Length == 0 && version != "v1")
        {
            errors.Required(Spec.Child("group"), "only v1 may have an empty group and it better be legacy kube");
        }
        if (group.Length > 0)
        {
            errors.Invalid(Spec.Child("group"), group, NameRules.Subdomain(group));
        }
        errors.Invalid(Spec.Child("version"), version, NameRules.Label1035(version));
        if (spec.GroupPriorityMinimum is <= 0 or > 20000)
        {
            errors.Invalid(Spec.Child("groupPriorityMinimum"), (long)spec.GroupPriorityMinimum, "must be positive and less than 20000");
        }
        if (spec.VersionPriority is <= 0 or > 1000)
        {
            errors.Invalid(Spec.Child("versionPriority"), (long)spec.VersionPriority, "must be positive and less than 1000");
        }
        if (spec.Service is { } reference)
        {
            ValidateRemote(spec, reference, errors);
        }
        else
        {
            ValidateLocal(spec, errors);
        }
    }

    private static void ValidateLocal(APIServiceSpec spec, FieldErrors errors)
    {
        if (spec.CaBundle is { Length: > 0 } authorities)
        {
            errors.Invalid(Spec.Child("caBundle"), $"{authorities.Length} bytes", "local APIServices may not have a caBundle");
        }
        if (spec.InsecureSkipTLSVerify == true)
        {
            errors.Invalid(Spec.Child("insecureSkipTLSVerify"), true, "local APIServices may not have insecureSkipTLSVerify");
        }
    }

    private static void ValidateRemote(APIServiceSpec spec, ServiceReference reference, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(reference.Namespace))
        {
            errors.Required(Spec.Child("service").Child("namespace"));
        }
        if (string.IsNullOrEmpty(reference.Name))
        {
            errors.Required(Spec.Child("service").Child("name"));
        }
        if (spec is { InsecureSkipTLSVerify: true, CaBundle.Length: > 0 })
        {
            errors.Invalid(Spec.Child("insecureSkipTLSVerify"), true, "may not be true if caBundle is present");
        }
    }
}
