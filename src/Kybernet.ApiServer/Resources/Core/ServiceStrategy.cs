using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core.Validation;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>Services. Their addresses and node ports are allocated elsewhere; here they are held to their form and kept.</summary>
internal sealed class ServiceStrategy : DefaultStrategy
{
    public override IReadOnlyList<string> SelectableFields { get; } = ["spec.clusterIP", "spec.type"];

    public override bool HasGeneration => false;

    /// <summary>Who gives out load balancers may write nothing but the status, and has to hold a Service back until its load balancer is gone.</summary>
    public override IReadOnlyList<string> MetadataOfStatus { get; } = ["labels", "finalizers"];

    public override bool ReturnsDeletedObject => true;

    public override TableDefinition Table => ServiceTable.Definition;

    public override string? ValidateName(string name) => First(NameRules.Label1035(name));

    public override void Default(JsonObject item)
    {
        if (item.Object("spec") is { } spec)
        {
            ServiceDefaults.Apply(spec);
        }
    }

    public override void PrepareForUpdate(JsonObject item, JsonObject previous, WriteContext context)
    {
        if (item.Object("spec") is { } spec && previous.Object("spec") is { } old)
        {
            ServiceDefaults.Keep(spec, old);
        }
    }

    public override void ValidateCreate(EncodedObject item, FieldErrors errors) => ServiceValidation.Validate(item.As<Service>(), errors);

    public override void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var (service, old) = (item.As<Service>(), previous.As<Service>());
        ServiceAddressValidation.ValidateUpdate(service.Spec, old.Spec, errors);
        if (service.Spec.Type == "LoadBalancer" && old.Spec.Type == "LoadBalancer" && service.Spec.LoadBalancerClass != old.Spec.LoadBalancerClass)
        {
            errors.Invalid(FieldPath.Of("spec").Child("loadBalancerClass"), service.Spec.LoadBalancerClass, "may not change once set");
        }
        if (NeedsHealthCheck(service.Spec) && NeedsHealthCheck(old.Spec) && service.Spec.HealthCheckNodePort != old.Spec.HealthCheckNodePort)
        {
            errors.Forbidden(FieldPath.Of("spec").Child("healthCheckNodePort"), FieldRules.Immutable);
        }
        ServiceValidation.Validate(service, errors);
    }

    public override void ValidateStatusUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors) =>
        ServiceValidation.ValidateStatus(item.As<Service>(), errors);

    public override IEnumerable<string> Warnings(EncodedObject item)
    {
        var service = item.As<Service>();
        if (service.Spec.ExternalIPs.Count > 0 && service.Spec.Type == "ExternalName")
        {
            yield return "spec.externalIPs is ignored when spec.type is \"ExternalName\"";
        }
        if (service.Spec is { Type: not "ExternalName", ExternalName: { Length: > 0 } })
        {
            yield return "spec.externalName is ignored when spec.type is not \"ExternalName\"";
        }
    }

    public override string? SelectableField(EncodedObject item, string field) => field switch
    {
        "spec.clusterIP" => item.As<Service>().Spec.ClusterIP ?? "",
        "spec.type" => item.As<Service>().Spec.Type ?? "",
        _ => null,
    };

    private static bool NeedsHealthCheck(ServiceSpec spec) => spec is { Type: "LoadBalancer", ExternalTrafficPolicy: "Local" };
}
