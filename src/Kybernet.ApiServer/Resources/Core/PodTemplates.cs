using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core.Validation;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>PodTemplates.</summary>
internal static class PodTemplates
{
    public static void Default(JsonObject item) => PodDefaults.Template(item.Object("template")?.Object("spec"));

    public static void Validate(EncodedObject item, FieldErrors errors) =>
        PodTemplateValidation.Validate(item.As<PodTemplate>().Template ?? PodTemplateSpec.Empty, FieldPath.Of("template"), errors);

    public static IEnumerable<string> Warnings(EncodedObject item) =>
        item.As<PodTemplate>().Template is { } template ? PodWarnings.Of(template.Metadata, template.Spec, "template.") : [];
}
