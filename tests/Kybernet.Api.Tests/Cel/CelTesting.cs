using System.Text.Json.Nodes;
using Kybernet.Api.Cel;

namespace Kybernet.Api.Tests.Cel;

internal static class CelTesting
{
    public static CelProgram Compile(string text)
    {
        var compilation = CelEnvironment.Kubernetes.With("self", CelType.Dyn).Compile(text);
        Assert.Equal("", compilation.Errors);
        return compilation.Program!;
    }

    public static CelValue Evaluate(string text, string self = "null") =>
        Compile(text).Evaluate(new CelBindings().Set("self", JsonNode.Parse(self)), new CelBudget());

    public static string Show(CelValue value) => value switch
    {
        CelList list => $"[{string.Join(", ", Enumerable.Range(0, list.Count).Select(index => Show(list[index])))}]",
        CelMap map => $"{{{string.Join(", ", map.Keys.Select(key => $"{Show(key)}: {Show(map.Find(key)!)}"))}}}",
        _ => value.ToString()!,
    };
}
