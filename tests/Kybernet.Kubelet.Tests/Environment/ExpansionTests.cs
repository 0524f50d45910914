using Kybernet.Kubelet.Environment;

namespace Kybernet.Kubelet.Tests.Environment;

public sealed class ExpansionTests
{
    [Theory]
    [InlineData("$(A)", "1")]
    [InlineData("$(A)$(B)", "12")]
    [InlineData("x$(A)y", "x1y")]
    [InlineData("$$(A)", "$(A)")]
    [InlineData("$$$(A)", "$1")]
    [InlineData("$(NONE)", "$(NONE)")]
    [InlineData("$(A", "$(A")]
    [InlineData("$A $", "$A $")]
    [InlineData("$$", "$")]
    [InlineData("", "")]
    public void References_are_replaced_and_escapes_kept(string text, string expected) =>
        Assert.Equal(expected, Expansion.Expand(text, static name => name switch { "A" => "1", "B" => "2", _ => null }));
}
