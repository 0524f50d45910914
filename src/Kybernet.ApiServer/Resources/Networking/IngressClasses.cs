using Kybernet.Api;
using Kybernet.Api.Networking.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Networking;

/// <summary>IngressClasses: the controller of a class stays.</summary>
internal static class IngressClasses
{
    private const int MaxController = 250;

    private static readonly FieldPath Spec = FieldPath.Of("spec");

    public static void Validate(EncodedObject item, FieldErrors errors)
    {
        var spec = item.As<IngressClass>().Spec;
        if (spec.Controller is { Length: > MaxController })
        {
            errors.TooLong(Spec.Child("controller"), MaxController);
        }
        errors.Invalid(Spec.Child("controller"), spec.Controller ?? "", ControllerForm(spec.Controller ?? ""));
        if (spec.Parameters is { } parameters)
        {
            Parameters(parameters, Spec.Child("parameters"), errors);
        }
    }

    public static void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors) =>
        errors.Unchanged(item.As<IngressClass>().Spec.Controller, previous.As<IngressClass>().Spec.Controller, Spec.Child("controller"));

    private static IReadOnlyList<string> ControllerForm(string controller)
    {
        var slash = controller.IndexOf('/');
        return slash < 0 ? ["must be a domain-prefixed path (such as \"acme.io/foo\")"] : NameRules.Subdomain(controller[..slash]);
    }

    private static void Parameters(IngressClassParametersReference parameters, FieldPath path, FieldErrors errors)
    {
        errors.Name(parameters.ApiGroup, path, "apiGroup", NameRules.Subdomain);
        foreach (var (value, field) in ((string, string)[])[(parameters.Kind, "kind"), (parameters.Name, "name")])
        {
            if (value.Length == 0)
            {
                errors.Required(path.Child(field), $"{field} is required");
            }
            errors.Name(value, path, field, NameRules.PathSegment);
        }
        switch (parameters.Scope ?? "Cluster")
        {
            case "Namespace" when parameters.Namespace is null:
                errors.Required(path.Child("namespace"), "`parameters.scope` is set to 'Namespace'");
                break;
            case "Namespace":
                errors.Invalid(path.Child("namespace"), parameters.Namespace, NameRules.Label(parameters.Namespace));
                break;
            case "Cluster" when parameters.Namespace is not null:
                errors.Forbidden(path.Child("namespace"), "`parameters.scope` is set to 'Cluster'");
                break;
            case "Cluster":
                break;
            default:
                errors.NotSupported(path.Child("scope"), parameters.Scope, ["Cluster", "Namespace"]);
                break;
        }
    }
}
